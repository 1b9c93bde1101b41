"""The aws command line against the local cloud."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from tests.support.waiting import wait_until

Aws = Callable[..., Any]


@pytest.fixture
def aws(cloud: LocalCloud) -> Aws:
    """Run ``aws stepfunctions …`` and return its answer."""
    program = str(Path(sys.executable).with_name("aws"))
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }

    def run(*arguments: str) -> Any:
        command = [program, "--endpoint-url", cloud.endpoint, "--region", cloud.region, "--output", "json"]
        done = subprocess.run(
            [*command, "stepfunctions", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_start_describe_stop_and_history(cloud: LocalCloud, role_arn: str, aws: Aws, tmp_path: Path) -> None:
    states = {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "End"},
            "End": {"Type": "Succeed"},
        },
    }
    machine = cloud.client("stepfunctions").create_state_machine(
        name="by-command-line", definition=json.dumps(states), roleArn=role_arn
    )["stateMachineArn"]
    assert machine in [one["stateMachineArn"] for one in aws("list-state-machines")["stateMachines"]]
    document = tmp_path / "input.json"
    document.write_text('{"seconds": 600}')
    arn = aws("start-execution", "--state-machine-arn", machine, "--input", f"file://{document}")[
        "executionArn"
    ]
    described = aws("describe-execution", "--execution-arn", arn)
    assert described["status"] == "RUNNING"
    assert json.loads(described["input"]) == {"seconds": 600}
    aws("stop-execution", "--execution-arn", arn, "--error", "Enough", "--cause", "asked")
    described = aws("describe-execution", "--execution-arn", arn)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Enough", "asked")

    def kinds() -> list[str]:
        found = [event["type"] for event in aws("get-execution-history", "--execution-arn", arn)["events"]]
        return found if found[-1] == "ExecutionAborted" else []

    assert wait_until(kinds) == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    newest = aws("get-execution-history", "--execution-arn", arn, "--reverse-order", "--max-items", "1")
    assert [event["type"] for event in newest["events"]] == ["ExecutionAborted"]
