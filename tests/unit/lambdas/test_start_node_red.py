"""startNodeRED: the exact ECS calls, and a name for every answer that is not a healthy task."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from lambdas import machine_secrets as secrets
from lambdas.machine_errors import (
    InstanceGone,
    InstanceNameTaken,
    InstanceNotRegistered,
    NodeREDNotReady,
    NodeREDStopped,
    TaskNotPlaced,
)
from lambdas.settings import TaskSettings
from lambdas.start_node_red import CONTAINER, start_node_red

NAME = "mixer-1f0c9a2e"
TASK = "arn:aws:ecs:eu-west-1:123456789012:task/mixer-1f0c9a2e/0123"
HOST = "arn:aws:ecs:eu-west-1:123456789012:container-instance/mixer-1f0c9a2e/4567"
SETTINGS = TaskSettings("organist", "Node-RED-family", "Node-RED-dynamorse-family", "stack secret")
EVENT: dict[str, Any] = {
    "instanceName": NAME,
    "engine": "media",
    "modules": ["node-red-node-random"],
    "production": {"productionId": "1f0c9a2e", "executionArn": "arn", "expiresAt": "2026-11-22T19:22:00Z"},
}


class Ecs:
    """ECS and EC2 answering what a test says they answer."""

    def __init__(self) -> None:
        session = boto3.Session("testing", "testing", region_name="eu-west-1")
        self.ecs, self.ec2 = session.client("ecs"), session.client("ec2")
        self.stub, self.ec2_stub = Stubber(self.ecs), Stubber(self.ec2)
        self.stub.activate()
        self.ec2_stub.activate()

    def has_task(self, **task: Any) -> None:
        """The cluster lists one task that runs or is to run."""
        self._lists([TASK], [])
        found = {"taskArn": TASK, "containerInstanceArn": HOST, "lastStatus": "RUNNING"} | task
        self.stub.add_response("describe_tasks", {"tasks": [found]}, {"cluster": NAME, "tasks": [TASK]})

    def has_no_task(self) -> None:
        self._lists([], [])

    def has_hosts(self, *arns: str) -> None:
        wanted = {"cluster": NAME, "status": "ACTIVE"}
        self.stub.add_response("list_container_instances", {"containerInstanceArns": list(arns)}, wanted)

    def has_instance(self, *states: str) -> None:
        instances = [
            {"InstanceId": "i-0", "State": {"Name": state}, "StateTransitionReason": "User initiated"}
            for state in states
        ]
        answer = {"Reservations": [{"Instances": instances}]}
        self.ec2_stub.add_response("describe_instances", answer, {"Filters": ANY})

    def has_cluster(self, stack: str = "organist") -> None:
        cluster = {"status": "ACTIVE", "tags": [{"key": "organist:stack", "value": stack}]}
        wanted = {"clusters": [NAME], "include": ["TAGS"]}
        self.stub.add_response("describe_clusters", {"clusters": [cluster]}, wanted)

    def run_task(self, *, tasks: list[Any] | None = None, reason: str = "") -> None:
        self.has_cluster()
        failures = [{"arn": HOST, "reason": reason}] if reason else []
        self.stub.add_response(
            "run_task",
            {"tasks": tasks or [], "failures": failures},
            {
                "cluster": NAME,
                "taskDefinition": "Node-RED-family",
                "count": 1,
                "launchType": "EC2",
                "startedBy": "organist",
                "clientToken": ANY,
                # By the first the task may be stopped; without it the role may not even start it.
                "tags": [{"key": "organist:stack", "value": "organist"}, ANY],
                "overrides": {"containerOverrides": [{"name": CONTAINER, "environment": ENVIRONMENT}]},
            },
        )

    def start(self, event: dict[str, Any] = EVENT) -> dict[str, Any]:
        return start_node_red(event, SETTINGS, self.ec2, self.ecs)

    def _lists(self, *lists: list[str]) -> None:
        for status, arns in zip(("RUNNING", "STOPPED"), lists, strict=True):
            wanted = {"cluster": NAME, "family": "Node-RED-family", "desiredStatus": status}
            self.stub.add_response("list_tasks", {"taskArns": arns}, wanted)


ENVIRONMENT = [
    {"name": "INSTANCE_NAME", "value": NAME},
    {"name": "PRODUCTION_ID", "value": "1f0c9a2e"},
    {
        "name": "NODE_RED_TOKEN_SHA256",
        "value": secrets.sha256(secrets.node_red_token("stack secret", NAME)),
    },
    {
        "name": "NODE_RED_PASSWORD_SHA256",
        "value": secrets.sha256(secrets.operator_password("stack secret", NAME)),
    },
    {"name": "NODE_RED_ALLOW_MODULES", "value": "node-red-contrib-organist-media,node-red-node-random"},
]


@pytest.fixture
def aws() -> Iterator[Ecs]:
    made = Ecs()
    yield made
    made.stub.assert_no_pending_responses()
    made.ec2_stub.assert_no_pending_responses()


def test_a_healthy_task_is_the_answer(aws: Ecs) -> None:
    aws.has_task(healthStatus="HEALTHY")
    assert aws.start() == {
        "instanceName": NAME,
        "clusterName": NAME,
        "taskArn": TASK,
        "healthStatus": "HEALTHY",
    }


def test_a_machine_that_has_joined_gets_its_task_with_hashes_of_secrets_only(aws: Ecs) -> None:
    aws.has_no_task()
    aws.has_hosts(HOST)
    aws.run_task(tasks=[{"taskArn": TASK, "lastStatus": "PROVISIONING"}])
    with pytest.raises(NodeREDNotReady, match="PROVISIONING"):
        aws.start()
    given = str(ENVIRONMENT)
    assert secrets.node_red_token("stack secret", NAME) not in given
    assert secrets.operator_password("stack secret", NAME) not in given


@pytest.mark.parametrize(
    "task", [{"lastStatus": "PENDING"}, {"healthStatus": "UNKNOWN"}, {"healthStatus": "UNHEALTHY"}, {}]
)
def test_a_task_that_is_not_healthy_is_not_ready(aws: Ecs, task: dict[str, str]) -> None:
    aws.has_task(**task)
    with pytest.raises(NodeREDNotReady):
        aws.start()


def test_a_stopped_task_says_why(aws: Ecs) -> None:
    aws.has_task(
        lastStatus="STOPPED",
        stoppedReason="Essential container in task exited",
        containers=[{"name": "node-red", "exitCode": 137, "reason": "OutOfMemoryError"}],
    )
    with pytest.raises(NodeREDStopped, match=r"Essential container.*exited with 137.*OutOfMemoryError"):
        aws.start()


@pytest.mark.parametrize("states", [(), ("pending",), ("running",), ("terminated", "running")])
def test_a_machine_that_may_still_come_is_not_registered_yet(aws: Ecs, states: tuple[str, ...]) -> None:
    aws.has_no_task()
    aws.has_hosts()
    aws.has_instance(*states)
    with pytest.raises(InstanceNotRegistered):
        aws.start()


@pytest.mark.parametrize("state", ["shutting-down", "terminated", "stopped"])
def test_a_machine_that_ended_is_gone(aws: Ecs, state: str) -> None:
    aws.has_no_task()
    aws.has_hosts()
    aws.has_instance(state)
    with pytest.raises(InstanceGone, match="User initiated"):
        aws.start()


def test_no_cluster_means_gone(aws: Ecs) -> None:
    aws.stub.add_client_error("list_tasks", "ClusterNotFoundException")
    with pytest.raises(InstanceGone, match="no cluster"):
        aws.start()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("RESOURCE:MEMORY", TaskNotPlaced),
        ("RESOURCE:PORTS", TaskNotPlaced),
        ("ATTRIBUTE", TaskNotPlaced),
        ("AGENT", InstanceNotRegistered),
    ],
)
def test_a_task_that_finds_no_place(aws: Ecs, reason: str, error: type[Exception]) -> None:
    aws.has_no_task()
    aws.has_hosts(HOST)
    aws.run_task(reason=reason)
    with pytest.raises(error, match=reason):
        aws.start()


def test_alone_the_palette_may_install_the_catalogue(aws: Ecs) -> None:
    sent: list[dict[str, Any]] = []
    aws.ecs.meta.events.register(
        "before-parameter-build.ecs.RunTask", lambda params, **_: sent.append(params)
    )
    aws.has_no_task()
    aws.has_hosts(HOST)
    pending = {"taskArn": TASK, "lastStatus": "PENDING"}
    aws.has_cluster()
    aws.stub.add_response("run_task", {"tasks": [pending], "failures": []})
    with pytest.raises(NodeREDNotReady):
        aws.start({"instanceName": NAME})
    (override,) = sent[0]["overrides"]["containerOverrides"]
    allowed = next(
        item["value"] for item in override["environment"] if item["name"] == "NODE_RED_ALLOW_MODULES"
    )
    assert "node-red-contrib-dynamorse-core" in allowed
    assert "node-red-contrib-organist-media" in allowed


def test_nothing_runs_in_another_stacks_cluster(aws: Ecs) -> None:
    aws.has_no_task()
    aws.has_hosts(HOST)
    aws.has_cluster("another")
    with pytest.raises(InstanceNameTaken, match="of the stack another"):
        aws.start()


def test_dynamorse_gets_a_task_of_its_own(aws: Ecs) -> None:
    wanted = {"cluster": NAME, "family": "Node-RED-dynamorse-family", "desiredStatus": "RUNNING"}
    aws.stub.add_response("list_tasks", {"taskArns": [TASK]}, wanted)
    aws.stub.add_response("list_tasks", {"taskArns": []}, wanted | {"desiredStatus": "STOPPED"})
    running = {
        "taskArn": TASK,
        "containerInstanceArn": HOST,
        "lastStatus": "RUNNING",
        "healthStatus": "HEALTHY",
    }
    aws.stub.add_response("describe_tasks", {"tasks": [running]}, {"cluster": NAME, "tasks": [TASK]})
    assert aws.start(EVENT | {"engine": "dynamorse"})["taskArn"] == TASK
