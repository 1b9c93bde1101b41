"""A real Node-RED as a process of the tests, ended with them and with this process if that is killed."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lambdas.node_red.client import NodeRed
from lambdas.production.secrets import node_red_token, operator_password, sha256
from lambdas.runtime.settings import NodeRedSettings
from local_cloud import toolchain
from local_cloud.ecs.images import way_to_npm
from local_cloud.processes import living_members, start_group
from local_cloud.watchdog import Watchdog
from tests.support.waiting import wait_until

INSTANCE = "mixer-1f0c9a2e"
SECRET = "stack secret"
START_SECONDS = 60.0


@dataclass(frozen=True)
class RunningNodeRed:
    """Where a Node-RED answers, and the settings with which functions reach it."""

    address: str
    settings: NodeRedSettings

    def client(self) -> NodeRed:
        return NodeRed(self.address, node_red_token(SECRET, INSTANCE), self.settings.port)

    def event(self, **fields: object) -> Any:
        return {"instanceName": INSTANCE, "privateAddress": self.address, **fields}


def free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_node_red(
    folder: Path,
    programs: Path,
    *,
    address: str,
    allowed: str,
    user_dir: Path,
    more: Mapping[str, str] | None = None,
) -> Iterator[RunningNodeRed]:
    """Run the Node-RED that is installed in a folder with the folder's settings.

    Args:
        folder: Where it is installed.
        programs: The folder with its node and npm.
        address: Where it listens.
        allowed: The names it may install.
        user_dir: Its user directory.
        more: What else its environment has.
    """
    port = free_port(address)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(user_dir),
        "INSTANCE_NAME": INSTANCE,
        "NODE_RED_TOKEN_SHA256": sha256(node_red_token(SECRET, INSTANCE)),
        "NODE_RED_PASSWORD_SHA256": sha256(operator_password(SECRET, INSTANCE)),
        "NODE_RED_ALLOW_MODULES": allowed,
        "NODE_RED_HOST": address,
        "PORT": str(port),
        "ENGINE_DIR": str(user_dir / "engines"),
        "FFMPEG_PATH": str(toolchain.ffmpeg()),
        **way_to_npm(),
        **(more or {}),
    }
    program = folder / "supervisor.js"
    if not program.exists():  # dynamorse's Node-RED runs alone
        program = folder / "node_modules" / "node-red" / "red.js"
    command = [programs / "node", program, "--settings", folder / "settings.js", "--userDir", user_dir]
    watchdog = Watchdog()
    process = start_group(
        [str(part) for part in command],
        watchdog=watchdog,
        environment=environment,
        directory=user_dir,
        log_file=user_dir / "log",
    )
    try:
        _wait_until_it_answers(address, port, process.group)
        yield RunningNodeRed(address, NodeRedSettings(SECRET, port))
    finally:
        process.stop(5)
        watchdog.close()


def _wait_until_it_answers(address: str, port: int, group: int) -> None:
    def answers() -> bool:
        assert living_members(group), "Node-RED ended while it was starting"
        with socket.socket() as probe:
            return probe.connect_ex((address, port)) == 0

    wait_until(answers, START_SECONDS)


@contextmanager
def run_our_node_red(address: str, allowed: str, user_dir: Path) -> Iterator[RunningNodeRed]:
    """Run the Node-RED of the media engine, on the Node.js of this environment; see ``run_node_red``."""
    programs = Path(sys.executable).parent
    toolchain.link_node(programs)
    with run_node_red(
        toolchain.NODE_RED_FOLDER, programs, address=address, allowed=allowed, user_dir=user_dir
    ) as running:
        yield running
