"""One ministack for all tests here, in a process group of its own that always ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_cloud.ec2.default_network import open_default_network
from organist.account.aws_account import Account, open_account
from organist.repository import REPOSITORY
from tests.support.waiting import wait_until

SERVER = "tests.deploy.emulator_server"
START_SECONDS = 30.0
END_SECONDS = 10.0
IMAGE_PARAMETERS = (
    "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
)


@contextmanager
def running_ministack(folder: Path) -> Iterator[Account]:
    """Yield an account on a fresh ministack; its log is below ``folder``."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "LAMBDA_EXECUTOR": "local"}
    environment |= {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "TMPDIR": str(folder)}
    environment |= {"STATE_DIR": str(folder / "state"), "S3_DATA_DIR": str(folder / "s3")}
    with (folder / "ministack.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", SERVER],
            cwd=REPOSITORY,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait(port, server, folder / "ministack.log")
        account = open_account(None, "eu-west-1", f"http://127.0.0.1:{port}")
        _put_image_parameters(account)
        open_default_network(account.ec2)
        yield account
    finally:
        _end(server)


def _put_image_parameters(account: Account) -> None:
    # AWS publishes these; ministack has no public parameters.
    ssm = account.session.client("ssm", endpoint_url=account.endpoint_url)
    for name in IMAGE_PARAMETERS:
        ssm.put_parameter(Name=name, Value="ami-12345678", Type="String", Overwrite=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    def answers() -> bool:
        assert server.poll() is None, f"ministack ended while it was starting:\n{log.read_text()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers, START_SECONDS)


def _end(server: "subprocess.Popen[bytes]") -> None:
    # The group: the functions that it runs are processes of their own.
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, signal_number)
        except ProcessLookupError:
            break
        try:
            server.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            continue
