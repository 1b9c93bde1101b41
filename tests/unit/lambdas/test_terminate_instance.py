"""terminateInstance: the exact calls, and the machine's end whatever its task and its cluster say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber

from lambdas.aws.errors import AwsThrottled
from lambdas.aws.machine_errors import InstanceStillTerminating, MachineNotStopped, TaskStillStopping
from lambdas.runtime.settings import ClusterSettings
from lambdas.terminate_instance import PATIENCE, Removal, is_patient

if TYPE_CHECKING:
    from lambdas.production.events import MachineEvent

NAME, CLUSTER = "mixer-1f0c9a2e", "organist-Cluster-4XQ2"
TASK = f"arn:aws:ecs:eu-west-1:123456789012:task/{CLUSTER}/0123"
HOST = f"arn:aws:ecs:eu-west-1:123456789012:container-instance/{CLUSTER}/4567"
EVENT = {"instanceName": NAME, "task": {"taskArn": TASK, "containerInstanceArn": HOST}}
UNKNOWN = {"instanceName": NAME, "task": {}}
DENIED = "AccessDeniedException"


class Aws:
    """EC2 and ECS answering what a test says they answer, in that order."""

    def __init__(self) -> None:
        session = boto3.Session("testing", "testing", region_name="eu-west-1")
        self.ecs, self.ec2 = session.client("ecs"), session.client("ec2")
        self.ecs_stub, self.ec2_stub = Stubber(self.ecs), Stubber(self.ec2)
        self.ecs_stub.activate()
        self.ec2_stub.activate()

    def has(self, *states: str) -> None:
        instances = [{"InstanceId": f"i-{n}", "State": {"Name": state}} for n, state in enumerate(states)]
        answer = {"Reservations": [{"Instances": instances}]}
        self.ec2_stub.add_response("describe_instances", answer, {"Filters": ANY})

    def ends(self, *ids: str) -> None:
        self.ec2_stub.add_response("terminate_instances", {}, {"InstanceIds": list(ids)})

    def lists_hosts(self, *arns: str) -> None:
        wanted = {"cluster": CLUSTER, "filter": "ec2InstanceId in [i-0]"}
        self.ecs_stub.add_response("list_container_instances", {"containerInstanceArns": list(arns)}, wanted)

    def lists_tasks(self, *arns: str) -> None:
        for status, found in (("RUNNING", list(arns)), ("STOPPED", [])):
            wanted = {"cluster": CLUSTER, "containerInstance": HOST, "desiredStatus": status}
            self.ecs_stub.add_response("list_tasks", {"taskArns": found}, wanted)

    def stops(self, status: str) -> None:
        task = {"taskArn": TASK, "containerInstanceArn": HOST, "lastStatus": status}
        wanted = {"cluster": CLUSTER, "task": TASK, "reason": ANY}
        self.ecs_stub.add_response("stop_task", {"task": task}, wanted)

    def sees_host(self, *, connected: bool, status: str = "ACTIVE") -> None:
        host = {"containerInstanceArn": HOST, "agentConnected": connected, "status": status}
        wanted = {"cluster": CLUSTER, "containerInstances": [HOST]}
        self.ecs_stub.add_response("describe_container_instances", {"containerInstances": [host]}, wanted)

    def deregisters(self) -> None:
        wanted = {"cluster": CLUSTER, "containerInstance": HOST, "force": True}
        self.ecs_stub.add_response("deregister_container_instance", {}, wanted)

    def refuses(self, operation: str, code: str = DENIED) -> None:
        stub = self.ec2_stub if "instances" in operation and "container" not in operation else self.ecs_stub
        stub.add_client_error(operation, code)

    def describes(self, status: str) -> None:
        found = {"tasks": [{"taskArn": TASK, "lastStatus": status}]}
        self.ecs_stub.add_response("describe_tasks", found, {"cluster": CLUSTER, "tasks": [TASK]})

    def removal(self, event: dict[str, Any]) -> Removal:
        return Removal(cast("MachineEvent", event), ClusterSettings("organist", CLUSTER), self.ec2, self.ecs)

    def go_on(self, event: dict[str, Any], *, patient: bool = True) -> dict[str, Any]:
        return self.removal(event).go_on(patient=patient)

    def is_ended(self, event: dict[str, Any]) -> None:
        """Expect TerminateInstances, and that the machine's end is waited for."""
        self.ends("i-0")
        with pytest.raises(InstanceStillTerminating):
            self.go_on(event)


@pytest.fixture
def aws() -> Iterator[Aws]:
    made = Aws()
    yield made
    made.ecs_stub.assert_no_pending_responses()
    made.ec2_stub.assert_no_pending_responses()


def test_the_task_ends_before_its_machine(aws: Aws) -> None:
    aws.has("running")
    aws.stops("STOPPING")
    aws.sees_host(connected=True)
    with pytest.raises(TaskStillStopping, match="STOPPING"):
        aws.go_on(EVENT)


def test_within_a_call_a_task_is_stopped_once_and_then_looked_at(aws: Aws) -> None:
    aws.has("running")
    aws.stops("RUNNING")
    aws.sees_host(connected=True)
    removal = aws.removal(EVENT)
    for status in ("RUNNING", "DEACTIVATING", "STOPPING"):
        with pytest.raises(TaskStillStopping, match=status):
            removal.go_on(patient=True)
        aws.describes({"RUNNING": "DEACTIVATING", "DEACTIVATING": "STOPPING", "STOPPING": "STOPPED"}[status])
    aws.has("running")
    aws.deregisters()
    aws.ends("i-0")
    with pytest.raises(InstanceStillTerminating):
        removal.go_on(patient=True)
    aws.has("shutting-down")
    with pytest.raises(InstanceStillTerminating):
        removal.go_on(patient=True)


def test_a_stopped_tasks_machine_leaves_its_cluster_and_ends(aws: Aws) -> None:
    aws.has("running")
    aws.stops("STOPPED")
    aws.deregisters()
    aws.is_ended(EVENT)


def test_what_the_state_does_not_know_is_looked_for_by_the_machine(aws: Aws) -> None:
    aws.has("running")
    aws.lists_hosts(HOST)
    aws.lists_tasks(TASK)
    aws.stops("STOPPED")
    aws.deregisters()
    aws.is_ended(UNKNOWN)


def test_a_machine_on_its_way_out_is_only_waited_for(aws: Aws) -> None:
    aws.has("shutting-down")
    with pytest.raises(InstanceStillTerminating, match="i-0"):
        aws.go_on(EVENT)


def test_a_machine_that_is_gone_is_success(aws: Aws) -> None:
    aws.has("terminated")
    aws.lists_hosts()
    assert aws.go_on(EVENT) == {"instanceName": NAME, "instanceIds": ["i-0"]}


def test_what_never_was_is_success(aws: Aws) -> None:
    aws.has()
    assert aws.go_on(UNKNOWN) == {"instanceName": NAME, "instanceIds": []}


def test_a_machine_that_ended_by_itself_leaves_nothing_in_the_cluster(aws: Aws) -> None:
    aws.has("terminated")
    aws.lists_hosts(HOST)
    aws.lists_tasks()
    aws.deregisters()
    assert aws.go_on(UNKNOWN)["instanceIds"] == ["i-0"]


@pytest.mark.parametrize("operation", ["list_container_instances", "list_tasks", "stop_task"])
def test_a_machine_ends_though_its_task_cannot_be_stopped(aws: Aws, operation: str) -> None:
    """ListTasks on the wrong resource was denied in every account, and kept every machine alive."""
    aws.has("running")
    if operation == "list_container_instances":
        aws.refuses(operation)
    else:
        aws.lists_hosts(HOST)
        if operation == "stop_task":
            aws.lists_tasks(TASK)
        aws.refuses(operation)
        aws.deregisters()
    aws.ends("i-0")
    with pytest.raises(MachineNotStopped, match="AwsAccessDenied"):
        aws.go_on(UNKNOWN)


def test_a_machine_ends_though_it_cannot_be_deregistered(aws: Aws) -> None:
    aws.has("running")
    aws.stops("STOPPED")
    aws.refuses("deregister_container_instance")
    aws.ends("i-0")
    with pytest.raises(MachineNotStopped):
        aws.go_on(EVENT)


def test_what_may_pass_is_waited_for_so_that_a_recording_is_finished(aws: Aws) -> None:
    aws.has("running")
    aws.refuses("stop_task", "ThrottlingException")
    with pytest.raises(AwsThrottled):
        aws.go_on(EVENT)


def test_without_patience_the_machine_is_ended_first(aws: Aws) -> None:
    aws.has("running")
    aws.ends("i-0")
    aws.refuses("stop_task", "ThrottlingException")
    with pytest.raises(AwsThrottled):
        aws.go_on(EVENT, patient=False)


def test_a_task_whose_machine_can_no_longer_report_is_not_waited_for(aws: Aws) -> None:
    aws.has("running")
    aws.stops("STOPPING")
    aws.sees_host(connected=False)
    aws.deregisters()
    aws.is_ended(EVENT)


def test_a_task_that_ecs_knows_no_more_has_stopped(aws: Aws) -> None:
    aws.has("running")
    aws.refuses("stop_task", "InvalidParameterException")
    aws.deregisters()
    aws.is_ended(EVENT)


def test_a_deregistration_whose_answer_got_lost_is_done(aws: Aws) -> None:
    aws.has("running")
    aws.stops("STOPPED")
    aws.refuses("deregister_container_instance", "InvalidParameterException")
    aws.sees_host(connected=True, status="INACTIVE")
    aws.is_ended(EVENT)


def test_patience_has_an_end_in_a_production() -> None:
    began = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    since: MachineEvent = {"instanceName": "mixer", "since": "2026-11-22T19:00:00.000Z"}
    assert is_patient(since, began + PATIENCE - timedelta(seconds=1))
    assert not is_patient(since, began + PATIENCE)
    assert is_patient({"instanceName": "mixer"}, began)
