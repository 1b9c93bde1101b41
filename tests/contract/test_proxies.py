"""A computer behind a proxy: what is on the computer itself is never asked for by way of it."""

import os
import subprocess
import sys
from pathlib import Path

from local_cloud.paths import REPOSITORY

# Nobody listens there: whatever goes to the proxy fails.
PROXY = "http://127.0.0.1:9"
PROGRAM = """
import sys
from pathlib import Path
from organist.account.aws_account import open_account
from local_cloud.cloud import LocalCloud
from tests.contract.small_cloud import small_settings

with LocalCloud(small_settings(Path(sys.argv[1]))) as cloud:
    assert cloud.client("ec2").describe_subnets()["Subnets"]
    account = open_account(None, None, cloud.endpoint)
    assert account.ec2.describe_subnets()["Subnets"]
    assert account.stepfunctions.list_state_machines()["stateMachines"] == []
    print("done")
"""


def test_a_local_cloud_runs_behind_a_proxy_that_no_proxy_says_little_of(tmp_path: Path) -> None:
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), PROXY)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={**os.environ, **proxies, "no_proxy": "localhost", "NO_PROXY": "localhost"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.strip().endswith("done"), ended.stderr[-2000:]
