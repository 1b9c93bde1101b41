"""Metricbeat beside Node-RED: when it is started, with what, and that a production goes on without it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from lambdas.aws.metricbeat import start_metricbeat
from lambdas.runtime.settings import TaskSettings
from lambdas.start_node_red import NodeREDTask

if TYPE_CHECKING:
    from lambdas.production.events import MachineEvent

NAME, CLUSTER = "mixer-1f0c9a2e", "organist-Cluster-4XQ2"
TASK = f"arn:aws:ecs:eu-west-1:123456789012:task/{CLUSTER}/0123"
HOST = f"arn:aws:ecs:eu-west-1:123456789012:container-instance/{CLUSTER}/4567"
UNMEASURED = TaskSettings("organist", CLUSTER, "Node-RED-family:1", "Node-RED-dynamorse-family:1", "secret")
MEASURED = replace(UNMEASURED, metricbeat_task_definition="metricbeat:1")
EVENT = {
    "instanceName": NAME,
    "instanceId": "i-0",
    "engine": "media",
    "production": {"productionId": "1f0c9a2e"},
}


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """ECS, answering what a test says it answers."""
    stub = Stubber(boto3.Session("testing", "testing", region_name="eu-west-1").client("ecs"))
    with stub:
        yield stub
        stub.assert_no_pending_responses()


def ecs_of(stub: Stubber) -> Any:
    return stub.client


def runs_node_red(stub: Stubber) -> None:
    task = {"taskArn": TASK, "containerInstanceArn": HOST, "lastStatus": "PROVISIONING"}
    stub.add_response("list_container_instances", {"containerInstanceArns": [HOST]})
    stub.add_response("run_task", {"tasks": [task], "failures": []})


def request(stub: Stubber) -> list[dict[str, Any]]:
    """Keep what RunTask is asked."""
    asked: list[dict[str, Any]] = []
    stub.client.meta.events.register(
        "provide-client-params.ecs.RunTask", lambda params, **_: asked.append(dict(params))
    )
    return asked


def test_it_is_started_after_node_red(stub: Stubber) -> None:
    asked = request(stub)
    runs_node_red(stub)
    stub.add_response("run_task", {"tasks": [], "failures": []})
    ec2 = boto3.Session().client("ec2", "eu-west-1")
    started = NodeREDTask(cast("MachineEvent", EVENT), MEASURED, ec2, ecs_of(stub)).start()
    assert started["taskArn"] == TASK
    node_red, run = asked
    assert node_red["taskDefinition"] == MEASURED.task_definition
    assert (run["cluster"], run["taskDefinition"], run["count"]) == (CLUSTER, "metricbeat:1", 1)
    assert run["placementConstraints"] == [{"type": "memberOf", "expression": "ec2InstanceId == i-0"}]
    (override,) = run["overrides"]["containerOverrides"]
    assert override == {
        "name": "metricbeat",
        "environment": [
            {"name": "INSTANCE_NAME", "value": NAME},
            {"name": "PRODUCTION_ID", "value": "1f0c9a2e"},
        ],
    }
    # Without it the function's role may not start it.
    assert {"key": "organist:stack", "value": "organist"} in run["tags"]


def test_asked_again_it_starts_no_second_one(stub: Stubber) -> None:
    asked = request(stub)
    for _ in range(2):
        stub.add_response("run_task", {"tasks": [], "failures": []})
        assert start_metricbeat(EVENT, "i-0", MEASURED, ecs_of(stub))
    assert asked[0]["clientToken"] == asked[1]["clientToken"]
    assert len(asked[0]["clientToken"]) <= 64  # ECS's limit


def test_without_monitoring_ecs_is_not_asked(stub: Stubber) -> None:
    assert not start_metricbeat(EVENT, "i-0", UNMEASURED, ecs_of(stub))


@pytest.mark.parametrize("broken", ["refused", "not placed"])
def test_a_production_goes_on_without_it_and_says_so(
    stub: Stubber, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message: list[str] = []
    monkeypatch.setattr(
        "lambdas.aws.metricbeat.logger.warning", lambda text, extra: message.append(f"{text}: {extra}")
    )
    if broken == "refused":
        stub.add_client_error("run_task", "AccessDeniedException", "no")
    else:
        stub.add_response("run_task", {"tasks": [], "failures": [{"arn": HOST, "reason": "RESOURCE:MEMORY"}]})
    assert not start_metricbeat(EVENT, "i-0", MEASURED, ecs_of(stub))
    assert "Metricbeat was not started" in message[0]
    assert ("AccessDenied" if broken == "refused" else "RESOURCE:MEMORY") in message[0]
