"""The aws command line against a local cloud, as a person uses it."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import BIN

LOCAL_KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "PATH": "/usr/bin:/bin"}


def aws(endpoint: str, *arguments: str, service: str = "stepfunctions") -> dict[str, Any]:
    """Call a service with the aws command line; return its answer."""
    command: list[str | Path] = [
        BIN / "aws",
        "--endpoint-url",
        endpoint,
        "--region",
        "eu-west-1",
        service,
        *arguments,
    ]
    output = subprocess.run(command, capture_output=True, check=True, env=LOCAL_KEYS)
    read: dict[str, Any] = json.loads(output.stdout)
    return read


def machine_arn(endpoint: str) -> str:
    """Return the ARN of the one state machine, dynamicNTS."""
    (machine,) = aws(endpoint, "list-state-machines")["stateMachines"]
    assert machine["name"] == "dynamicNTS"
    return str(machine["stateMachineArn"])
