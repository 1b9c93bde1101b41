"""startNodeRED: the exact ECS calls, and a name for every answer that is not a task on its way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from lambdas.aws.machine_errors import (
    InstanceGone,
    InstanceNotRegistered,
    NodeREDNotReady,
    NodeREDStopped,
    TaskNotPlaced,
)
from lambdas.production import secrets
from lambdas.runtime.settings import TaskSettings
from lambdas.start_node_red import NodeREDTask, joins_in

if TYPE_CHECKING:
    from lambdas.production.events import MachineEvent

NAME, CLUSTER = "mixer-1f0c9a2e", "organist-Cluster-4XQ2"
TASK = f"arn:aws:ecs:eu-west-1:123456789012:task/{CLUSTER}/0123"
HOST = f"arn:aws:ecs:eu-west-1:123456789012:container-instance/{CLUSTER}/4567"
ANOTHER = f"arn:aws:ecs:eu-west-1:123456789012:container-instance/{CLUSTER}/89ab"
DEFINITION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/Node-RED-family:7"
DYNAMORSE = "arn:aws:ecs:eu-west-1:123456789012:task-definition/Node-RED-dynamorse-family:3"
SETTINGS = TaskSettings("organist", CLUSTER, DEFINITION, DYNAMORSE, "stack secret")
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
MEMBER_OF = "MemberOf placement constraint unsatisfied."
EVENT: dict[str, Any] = {
    "instanceName": NAME,
    "instanceId": "i-0",
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
        """ECS knows the task that the state names."""
        found = {
            "taskArn": TASK,
            "containerInstanceArn": HOST,
            "lastStatus": "RUNNING",
            "createdAt": NOW,
        } | task
        self.stub.add_response("describe_tasks", {"tasks": [found]}, {"cluster": CLUSTER, "tasks": [TASK]})

    def has_hosts(self, *arns: str) -> None:
        """The container instances that the EC2 instance is."""
        wanted = {"cluster": CLUSTER, "filter": "ec2InstanceId in [i-0]"}
        self.stub.add_response("list_container_instances", {"containerInstanceArns": list(arns)}, wanted)

    def has_instance(self, *states: str) -> None:
        instances = [
            {"InstanceId": "i-0", "State": {"Name": state}, "StateTransitionReason": "User initiated"}
            for state in states
        ]
        answer = {"Reservations": [{"Instances": instances}]}
        self.ec2_stub.add_response("describe_instances", answer, {"Filters": ANY})

    def runs(self, *, tasks: Any = (), failures: Any = (), definition: str = DEFINITION) -> None:
        """What RunTask is asked, whole, and what it answers."""
        self.stub.add_response(
            "run_task",
            {"tasks": list(tasks), "failures": list(failures)},
            {
                "cluster": CLUSTER,
                "taskDefinition": definition,
                "count": 1,
                "launchType": "EC2",
                "placementConstraints": [{"type": "memberOf", "expression": "ec2InstanceId == i-0"}],
                "startedBy": "organist",
                "clientToken": ANY,
                # By the first the task may be stopped; without it the role may not even start it.
                "tags": [{"key": "organist:stack", "value": "organist"}, ANY],
                "overrides": {"containerOverrides": [{"name": "Node-RED", "environment": ANY}]},
            },
        )

    def start(self, event: dict[str, Any] = EVENT) -> dict[str, Any]:
        return NodeREDTask(cast("MachineEvent", event), SETTINGS, self.ec2, self.ecs).start()

    def progress(self) -> dict[str, Any]:
        """Ask how far the task is that the state knows."""
        event = {"instanceName": NAME, "task": {"taskArn": TASK, "containerInstanceArn": HOST}}
        return NodeREDTask(cast("MachineEvent", event), SETTINGS, self.ec2, self.ecs).progress(NOW)

    def check_still_there(self) -> None:
        NodeREDTask(cast("MachineEvent", EVENT), SETTINGS, self.ec2, self.ecs).check_still_there()


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


STARTED = {"taskArn": TASK, "containerInstanceArn": HOST, "lastStatus": "PROVISIONING"}


def sent_by(aws: Ecs) -> list[dict[str, Any]]:
    """What RunTask is sent from now on."""
    sent: list[dict[str, Any]] = []
    aws.ecs.meta.events.register(
        "before-parameter-build.ecs.RunTask", lambda params, **_: sent.append(dict(params))
    )
    return sent


def test_a_machine_that_has_joined_gets_its_task_and_its_arns_are_told(aws: Ecs) -> None:
    aws.has_hosts(HOST)
    aws.runs(tasks=[STARTED])
    assert aws.start() == {
        "instanceName": NAME,
        "clusterName": CLUSTER,
        "taskArn": TASK,
        "containerInstanceArn": HOST,
    }


def test_a_task_gets_hashes_of_secrets_only(aws: Ecs) -> None:
    sent = sent_by(aws)
    aws.has_hosts(HOST)
    aws.runs(tasks=[STARTED])
    aws.start()
    (override,) = sent[0]["overrides"]["containerOverrides"]
    assert override["environment"] == ENVIRONMENT
    assert secrets.node_red_token("stack secret", NAME) not in str(sent)
    assert secrets.operator_password("stack secret", NAME) not in str(sent)


def test_asked_again_it_is_the_same_request(aws: Ecs) -> None:
    sent = sent_by(aws)
    for _ in range(2):
        aws.has_hosts(HOST)
        aws.runs(tasks=[STARTED])
        aws.start()
    assert sent[0] == sent[1]
    assert len(sent[0]["clientToken"]) == 64


@pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"])
def test_a_task_on_its_way_is_waited_for(aws: Ecs, status: str) -> None:
    aws.has_task(lastStatus=status, createdAt=NOW - timedelta(minutes=9))
    assert aws.progress()["lastStatus"] == status


def test_a_task_that_ecs_does_not_list_yet_is_waited_for(aws: Ecs) -> None:
    aws.stub.add_response("describe_tasks", {"tasks": [], "failures": [{"arn": TASK, "reason": "MISSING"}]})
    assert aws.progress()["lastStatus"] == "UNKNOWN"


def test_a_task_is_not_waited_for_for_ever(aws: Ecs) -> None:
    aws.has_task(healthStatus="UNHEALTHY", createdAt=NOW - timedelta(minutes=11))
    with pytest.raises(NodeREDNotReady, match="after 10 minutes; its task is RUNNING, its health UNHEALTHY"):
        aws.progress()


@pytest.mark.parametrize(
    ("launched", "joins"), [("19:00:00", 25.1), ("18:59:49.750", 14.85), ("18:59:00", -34.9)]
)
def test_a_machine_is_expected_just_after_it_joins(launched: str, joins: float) -> None:
    assert joins_in(
        cast("MachineEvent", {"launchedAt": f"2026-11-22T{launched}Z"}), 25, NOW
    ) == pytest.approx(joins)
    assert joins_in(cast("MachineEvent", {}), 25, NOW) == 0


def test_a_stopped_task_says_why(aws: Ecs) -> None:
    aws.has_task(
        lastStatus="STOPPED",
        stoppedReason="Essential container in task exited",
        containers=[{"name": "node-red", "exitCode": 137, "reason": "OutOfMemoryError"}],
    )
    with pytest.raises(NodeREDStopped, match=r"Essential container.*exited with 137.*OutOfMemoryError"):
        aws.progress()


def test_a_machine_that_has_not_joined_is_looked_for_again(aws: Ecs) -> None:
    aws.has_hosts()
    with pytest.raises(InstanceNotRegistered):
        aws.start()


@pytest.mark.parametrize("states", [(), ("pending",), ("running",), ("terminated", "running")])
def test_a_machine_that_may_still_come_is_not_gone(aws: Ecs, states: tuple[str, ...]) -> None:
    aws.has_instance(*states)
    aws.check_still_there()


@pytest.mark.parametrize("state", ["shutting-down", "terminated", "stopped"])
def test_a_machine_that_ended_is_gone(aws: Ecs, state: str) -> None:
    aws.has_instance(state)
    with pytest.raises(InstanceGone, match="User initiated"):
        aws.check_still_there()


@pytest.mark.parametrize(
    "message",
    [
        "No Container Instances were found in your cluster.",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ],
)
def test_what_passes_by_itself_is_waited_for(aws: Ecs, message: str) -> None:
    aws.has_hosts(HOST)
    aws.stub.add_client_error("run_task", "InvalidParameterException", message)
    with pytest.raises(InstanceNotRegistered, match=message[:20]):
        aws.start()


def test_another_invalid_parameter_is_not(aws: Ecs) -> None:
    aws.has_hosts(HOST)
    aws.stub.add_client_error("run_task", "InvalidParameterException", "Invalid tag.")
    with pytest.raises(ClientError, match="Invalid tag"):
        aws.start()


def test_a_cluster_that_is_gone_is_no_reason_to_wait(aws: Ecs) -> None:
    aws.has_hosts(HOST)
    aws.stub.add_client_error("run_task", "ClusterNotFoundException", "Cluster not found.")
    with pytest.raises(InstanceGone, match="no cluster"):
        aws.start()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("RESOURCE:MEMORY", TaskNotPlaced),
        ("RESOURCE:PORTS", TaskNotPlaced),
        ("ATTRIBUTE", TaskNotPlaced),
        ("AGENT", InstanceNotRegistered),
        (MEMBER_OF, InstanceNotRegistered),
    ],
)
def test_a_task_that_finds_no_place(aws: Ecs, reason: str, error: type[Exception]) -> None:
    aws.has_hosts(HOST)
    aws.runs(failures=[{"arn": HOST, "reason": reason}])
    with pytest.raises(error, match=reason):
        aws.start()


def test_what_another_production_has_taken_of_its_own_machine_stops_nobody(aws: Ecs) -> None:
    """RunTask tells of every machine of the cluster; the ports of the others are taken, as they should be."""
    aws.has_hosts(HOST)
    aws.runs(failures=[{"arn": ANOTHER, "reason": "RESOURCE:PORTS"}, {"arn": HOST, "reason": MEMBER_OF}])
    with pytest.raises(InstanceNotRegistered):
        aws.start()


def test_alone_the_palette_may_install_the_catalogue_and_the_machine_is_found_by_name(aws: Ecs) -> None:
    sent = sent_by(aws)
    aws.has_instance("running")
    aws.has_hosts(HOST)
    aws.runs(tasks=[STARTED])
    aws.start({"instanceName": NAME})
    (override,) = sent[0]["overrides"]["containerOverrides"]
    allowed = next(
        item["value"] for item in override["environment"] if item["name"] == "NODE_RED_ALLOW_MODULES"
    )
    assert "node-red-contrib-dynamorse-core" in allowed
    assert "node-red-contrib-organist-media" in allowed


def test_alone_a_machine_that_was_never_launched_is_named(aws: Ecs) -> None:
    aws.has_instance()
    with pytest.raises(InstanceGone, match="newInstance"):
        aws.start({"instanceName": NAME})


def test_dynamorse_gets_a_task_of_its_own(aws: Ecs) -> None:
    aws.has_hosts(HOST)
    aws.runs(tasks=[STARTED], definition=DYNAMORSE)
    assert aws.start(EVENT | {"engine": "dynamorse"})["taskArn"] == TASK
