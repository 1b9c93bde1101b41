"""reapInstances: orphans go, everything else stays, and one refusal stops nothing."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lambdas.aws.orphans import find_dead_container_instances
from lambdas.new_instance import Launcher, new_instance
from lambdas.reap_instances import Clients, Reaper
from lambdas.runtime.settings import ClusterSettings
from tests.unit.lambdas.conftest import CLUSTER, REGION, STACK

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

    from lambdas.production.events import MachineEvent
    from lambdas.runtime.settings import LaunchSettings

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


class Account:
    """An account with executions and machines, and a reaper to send through it."""

    def __init__(
        self, ec2: "EC2Client", ecs: "ECSClient", ssm: "SSMClient", settings: "LaunchSettings"
    ) -> None:
        self.ec2, self.ecs, self.ssm, self.settings = ec2, ecs, ssm, settings
        self.sfn: SFNClient = boto3.client("stepfunctions", region_name=REGION)
        self.s3: S3Client = boto3.client("s3", region_name="us-east-1")
        self.s3.create_bucket(Bucket="shows")
        ecs.create_cluster(clusterName=CLUSTER)
        self.machine_arn = self.sfn.create_state_machine(
            name="dynamicNTS", definition=json.dumps(WAITING), roleArn="arn:aws:iam::123456789012:role/none"
        )["stateMachineArn"]

    def execution(self, name: str) -> str:
        return self.sfn.start_execution(stateMachineArn=self.machine_arn, name=name)["executionArn"]

    def stop(self, arn: str) -> None:
        self.sfn.stop_execution(executionArn=arn)

    def machine(
        self,
        name: str,
        execution_arn: str = "",
        recording: str = "",
        publication: str = "",
        sources: str = "",
    ) -> str:
        event: dict[str, Any] = {"instanceName": name, "instanceType": "t2.micro"}
        if execution_arn:
            expires = {"expiresAt": "2026-11-22T19:22:00Z"}
            owner = {"productionId": "ab12cd34", "executionArn": execution_arn}
            owner |= {"recording": recording, "sourceRecordings": sources, "publication": publication}
            event["production"] = owner | expires
        launched = new_instance(
            cast("MachineEvent", event), Launcher(self.settings, self.ec2, self.ssm), lambda: START
        )
        return str(launched["instanceId"])

    def reap(
        self, execution_arn: str = "", *, now: datetime = START, dry_run: bool = False
    ) -> dict[str, Any]:
        clients = Clients(self.ec2, self.ecs, self.sfn, self.s3)
        reaper = Reaper(ClusterSettings(STACK, CLUSTER), clients, lambda: now)
        return reaper.reap(execution_arn, dry_run=dry_run)

    def running(self) -> set[str]:
        pages = self.ec2.get_paginator("describe_instances").paginate()
        instances = [
            found for page in pages for group in page["Reservations"] for found in group["Instances"]
        ]
        return {found["InstanceId"] for found in instances if found["State"]["Name"] == "running"}


@pytest.fixture
def account(
    ec2: "EC2Client", ecs: "ECSClient", ssm: "SSMClient", launch_settings: "LaunchSettings"
) -> Account:
    return Account(ec2, ecs, ssm, launch_settings)


def names(message: list[dict[str, Any]]) -> set[str]:
    return {machine["instanceName"] for machine in message}


def test_what_a_running_execution_owns_is_never_touched_however_old(account: Account) -> None:
    machine = account.machine("mixer-1", account.execution("news"))
    report = account.reap(now=LATER)
    assert (report["kept"], report["removed"]) == (["mixer-1"], [])
    assert account.running() == {machine}


def test_what_an_ended_execution_left_is_removed_and_named(account: Account) -> None:
    execution = account.execution("news")
    machine = account.machine("mixer-1", execution)
    account.stop(execution)

    report = account.reap(execution)

    (removed,) = report["removed"]
    assert removed["instanceIds"] == [machine]
    assert removed["reason"] == "its execution is ABORTED"
    assert report["refused"] == []
    assert account.running() == set()


def test_a_status_change_concerns_its_own_execution_only(account: Account) -> None:
    ours, theirs = account.execution("ours"), account.execution("theirs")
    account.machine("mixer-ours", ours)
    kept = account.machine("mixer-theirs", theirs)
    account.stop(ours)
    account.stop(theirs)
    assert names(account.reap(ours)["removed"]) == {"mixer-ours"}
    assert account.running() == {kept}


def test_an_execution_that_nobody_knows_any_more_owns_nothing(account: Account) -> None:
    account.machine("mixer-1", account.machine_arn.replace("stateMachine", "execution") + ":long-ago")
    (removed,) = account.reap()["removed"]
    assert removed["reason"] == "its execution is GONE"


def test_a_machine_by_hand_lives_until_it_expires(account: Account) -> None:
    account.machine("bench")
    assert account.reap()["removed"] == []
    (removed,) = account.reap(now=LATER)["removed"]
    assert removed["reason"] == "it expired at 2026-11-22T19:22:00Z"
    assert account.running() == set()


def test_what_is_not_this_stacks_stays(account: Account) -> None:
    account.ec2.run_instances(
        LaunchTemplate={"LaunchTemplateId": account.settings.launch_template_id}, MinCount=1, MaxCount=1
    )
    assert account.reap(now=LATER) == {
        "kept": [],
        "removed": [],
        "recovered": [],
        "refused": [],
        "dryRun": False,
    }
    assert len(account.running()) == 1


def test_a_dry_run_tells_and_removes_nothing(account: Account) -> None:
    execution = account.execution("news")
    machine = account.machine("mixer-1", execution)
    account.stop(execution)
    assert names(account.reap(dry_run=True)["removed"]) == {"mixer-1"}
    assert account.running() == {machine}


def test_reaping_twice_is_reaping_once(account: Account) -> None:
    execution = account.execution("news")
    account.machine("mixer-1", execution)
    account.stop(execution)
    account.reap()
    assert account.reap()["removed"] == []


@pytest.mark.parametrize("operation", ["TerminateInstances", "ListContainerInstances"])
def test_one_refusal_stops_nothing_else(account: Account, operation: str) -> None:
    execution = account.execution("news")
    for name in ("mixer-1", "encoder-1"):
        account.machine(name, execution)
    account.stop(execution)
    client = account.ec2 if operation == "TerminateInstances" else account.ecs
    refuse_once(client, operation)

    report = account.reap()

    assert names(report["removed"]) == {"mixer-1", "encoder-1"}
    (refused,) = report["refused"]
    assert refused["error"] == "AwsAccessDenied"
    assert account.reap()["refused"] == []
    assert account.running() == set()


def test_not_knowing_the_executions_status_means_keep(account: Account) -> None:
    execution = account.execution("news")
    machine = account.machine("mixer-1", execution)
    account.stop(execution)
    refuse_once(account.sfn, "DescribeExecution")
    report = account.reap()
    assert (report["kept"], report["removed"]) == (["mixer-1"], [])
    assert account.running() == {machine}


def test_an_execution_that_runs_again_at_the_second_check_keeps_its_machine(account: Account) -> None:
    execution = account.execution("news")
    machine = account.machine("mixer-1", execution)
    statuses = iter(["FAILED", "RUNNING"])

    def redriven(parsed: dict[str, Any], **_: Any) -> None:
        parsed["status"] = next(statuses)

    account.sfn.meta.events.register("after-call.stepfunctions.DescribeExecution", redriven)
    assert account.reap()["removed"] == []
    assert account.running() == {machine}


def refuse_once(client: Any, operation: str) -> None:
    """Let the next call of an operation be refused as AWS refuses it."""
    left = [1]

    def refuse(**_: Any) -> None:
        if left.pop() if left else 0:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "told"}}, operation)

    client.meta.events.register(f"before-call.*.{operation}", refuse)


def test_a_machine_that_died_registered_is_taken_out_of_the_cluster() -> None:
    session = boto3.Session("testing", "testing", region_name=REGION)
    ec2, ecs = session.client("ec2"), session.client("ecs")
    hosts = [{"containerInstanceArn": f"host-{n}", "ec2InstanceId": f"i-{n}"} for n in (1, 2)]
    with Stubber(ec2) as ec2_stub, Stubber(ecs) as ecs_stub:
        wanted: dict[str, Any] = {"cluster": CLUSTER, "filter": "agentConnected == false"}
        arns = [host["containerInstanceArn"] for host in hosts]
        ecs_stub.add_response("list_container_instances", {"containerInstanceArns": arns}, wanted)
        wanted = {"cluster": CLUSTER, "containerInstances": arns}
        ecs_stub.add_response("describe_container_instances", {"containerInstances": hosts}, wanted)
        # The first has ended; the second only does not speak to ECS at the moment.
        ec2_stub.add_response("describe_instances", {"Reservations": []})
        there = [{"InstanceId": "i-2", "State": {"Name": "running"}}]
        ec2_stub.add_response("describe_instances", {"Reservations": [{"Instances": there}]})
        assert find_dead_container_instances(ClusterSettings(STACK, CLUSTER), ec2, ecs) == ["host-1"]


LOCATION = "s3://shows/ab12cd34/encoder.mp4"


def begin_recording(account: Account) -> None:
    """What the media engine has sent when its machine dies."""
    upload = account.s3.create_multipart_upload(Bucket="shows", Key="ab12cd34/encoder.mp4")["UploadId"]
    manifest = {
        "production": "ab12cd34",
        "files": [{"name": "encoder.mp4", "state": "recording", "uploadId": upload}],
        "gaps": [],
    }
    account.s3.put_object(Bucket="shows", Key="ab12cd34/encoder.json", Body=json.dumps(manifest))
    piece = "ab12cd34/encoder.mp4.tail/000000000000000-50-2000-d202ef8d.piece"
    account.s3.put_object(Bucket="shows", Key=piece, Body=b"recorded")


def recorded(account: Account) -> bytes | None:
    found = account.s3.list_objects_v2(Bucket="shows", Prefix="ab12cd34/encoder.mp4")["Contents"]
    if [one["Key"] for one in found] != ["ab12cd34/encoder.mp4"]:
        return None
    return account.s3.get_object(Bucket="shows", Key="ab12cd34/encoder.mp4")["Body"].read()


def test_a_recording_is_completed_once_all_machines_of_its_production_have_ended(account: Account) -> None:
    begin_recording(account)
    execution = account.execution("news")
    mixer = account.machine("mixer-1", execution, LOCATION)
    encoder = account.machine("encoder-1", execution, LOCATION)
    account.ec2.terminate_instances(InstanceIds=[encoder])
    account.stop(execution)
    assert account.reap(dry_run=True)["recovered"] == []
    assert (account.running(), recorded(account)) == ({mixer}, None)
    # The mixer machine goes now, and is terminated when the reaper looks again.
    account.reap()
    assert account.reap()["recovered"] == [LOCATION]
    assert recorded(account) == b"recorded"
    assert account.reap()["refused"] == []


def test_what_a_running_execution_records_is_its_own_to_complete(account: Account) -> None:
    begin_recording(account)
    machine = account.machine("encoder-1", account.execution("news"), LOCATION)
    account.ec2.terminate_instances(InstanceIds=[machine])
    assert account.reap(now=LATER)["recovered"] == []
    assert recorded(account) is None


def test_sources_that_were_recorded_by_themselves_are_completed_too(account: Account) -> None:
    folder = "ab12cd34/encoder-sources"
    key = f"{folder}/1-camera.mp4"
    upload = account.s3.create_multipart_upload(Bucket="shows", Key=key)["UploadId"]
    entry = {"name": "1-camera.mp4", "state": "recording", "uploadId": upload}
    manifest = {"production": "ab12cd34", "source": "camera", "files": [entry], "gaps": []}
    account.s3.put_object(Bucket="shows", Key=f"{folder}/1-camera.json", Body=json.dumps(manifest))
    piece = f"{key}.tail/000000000000000-50-2000-d202ef8d.piece"
    account.s3.put_object(Bucket="shows", Key=piece, Body=b"recorded")
    execution = account.execution("news")
    machine = account.machine("mixer-1", execution, sources=f"s3://shows/{folder}/")
    account.ec2.terminate_instances(InstanceIds=[machine])
    account.stop(execution)
    assert account.reap()["recovered"] == [f"s3://shows/{key}"]
    assert account.s3.get_object(Bucket="shows", Key=key)["Body"].read() == b"recorded"


def test_what_is_published_is_ended_once_the_machines_have(account: Account) -> None:
    folder = "web/ab12cd34"
    live = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\nlive-7.m4s\n"
    for name, text in (("index.m3u8", "#EXTM3U\n1/live.m3u8\n"), ("1/live.m3u8", live)):
        account.s3.put_object(Bucket="shows", Key=f"{folder}/{name}", Body=text.encode())
    execution = account.execution("news")
    machine = account.machine("encoder-1", execution, publication=f"s3://shows/{folder}")
    account.ec2.terminate_instances(InstanceIds=[machine])
    assert account.reap()["recovered"] == []
    account.stop(execution)
    assert account.reap()["recovered"] == [f"s3://shows/{folder}/index.m3u8"]
    assert account.reap()["recovered"] == []


def test_a_bucket_that_refuses_is_named_and_stops_nothing_else(account: Account) -> None:
    execution = account.execution("news")
    for name, location in (("one", "s3://nowhere/a/encoder.mp4"), ("two", LOCATION)):
        machine = account.machine(name, execution, location)
        account.ec2.terminate_instances(InstanceIds=[machine])
    begin_recording(account)
    account.stop(execution)
    report = account.reap()
    (refusal,) = report["refused"]
    assert (refusal["step"], refusal["error"]) == ("complete s3://nowhere/a/encoder.mp4", "AwsCallRefused")
    assert recorded(account) == b"recorded"
