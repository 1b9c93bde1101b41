"""The real Node-RED as a task, with its real settings and its real health check."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.paths import REPOSITORY
from tests.contract.machines import Member

TOKEN = "0123456789abcdef" * 4


def status(address: str, token: str = "") -> int | None:
    """The status of GET /settings; None when nobody listens."""
    request = Request(f"http://{address}:1880/settings")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except URLError:
        return None


def sha256(text: str) -> str:
    """As the container gets secrets."""
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def definition(cloud: LocalCloud) -> Iterator[dict[str, Any]]:
    """The project's own task definition, registered, and the log group that it names."""
    found: dict[str, Any] = json.loads((REPOSITORY / "tasks" / "Node-RED-family.json").read_text())
    cloud.client("ecs").register_task_definition(**found)
    group = found["containerDefinitions"][0]["logConfiguration"]["options"]["awslogs-group"]
    logs = cloud.client("logs")
    there = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if not there:
        logs.create_log_group(logGroupName=group)
    yield found
    if not there:
        logs.delete_log_group(logGroupName=group)


def test_node_red_becomes_healthy_on_its_machines_own_address(
    cloud: LocalCloud, definition: dict[str, Any]
) -> None:
    variables = {
        "INSTANCE_NAME": "mixer-contract",
        "PRODUCTION_ID": "contract",
        "NODE_RED_TOKEN_SHA256": sha256(TOKEN),
        "NODE_RED_PASSWORD_SHA256": sha256("a password"),
        "NODE_RED_ALLOW_MODULES": "",
    }
    environment = [{"name": name, "value": value} for name, value in variables.items()]
    container = definition["containerDefinitions"][0]["name"]
    override = {"containerOverrides": [{"name": container, "environment": environment}]}
    members = [Member(cloud), Member(cloud)]
    tasks = [member.run(definition["family"], overrides=override) for member in members]
    for member, task in zip(members, tasks, strict=True):
        member.until(task, lambda seen: seen["healthStatus"] == "HEALTHY", 40)
        assert status(member.address, TOKEN) == 200
        assert status(member.address) == 401
    assert status("127.0.0.1") is None, "it listens on the machines' addresses only"
    for member, task in zip(members, tasks, strict=True):
        member.ecs.stop_task(cluster=member.cluster, task=task)
        stopped = member.until_status(task, "STOPPED")
        assert stopped["containers"][0]["exitCode"] in (0, 143)
        assert status(member.address, TOKEN) is None
        member.end()


def test_without_its_secrets_node_red_does_not_start(cloud: LocalCloud, definition: dict[str, Any]) -> None:
    member = Member(cloud)
    stopped = member.until_status(member.run(definition["family"]), "STOPPED")
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["containers"][0]["exitCode"] != 0
    log = cloud.machine_dir(member.cluster) / "logs" / f"{stopped['containers'][0]['name']}.log"
    assert "INSTANCE_NAME" in log.read_text() or "NODE_RED_TOKEN_SHA256" in log.read_text()
    member.end()
