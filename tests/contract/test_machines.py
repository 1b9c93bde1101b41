"""EC2 as the project's functions see it."""

import os
import re
import socket
import threading
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ec2.responses.instances import InstanceResponse

from local_cloud.cloud import LocalCloud
from local_cloud.ec2 import addresses
from local_cloud.ec2.addresses import Addresses
from local_cloud.ec2.user_data import UserData, read_user_data
from local_cloud.errors import PortTakenError
from local_cloud.moto_patches.replacements import Replacements
from tests.contract.machines import instance, launch, state, terminate, until_state, user_data
from tests.contract.small_cloud import small_settings
from tests.support.waiting import wait_until


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """The API's error code."""
    return str(error.value.response["Error"]["Code"])


def test_states_are_shown_as_they_are(cloud: LocalCloud) -> None:
    launched = launch(cloud)
    machine = launched["InstanceId"]
    assert launched["State"] == {"Code": 0, "Name": "pending"}
    assert state(cloud, machine) == "pending"
    until_state(cloud, machine, "running")
    answer = cloud.client("ec2").terminate_instances(InstanceIds=[machine])["TerminatingInstances"][0]
    assert answer["PreviousState"] == {"Code": 16, "Name": "running"}
    assert answer["CurrentState"] == {"Code": 32, "Name": "shutting-down"}
    assert state(cloud, machine) == "shutting-down"
    until_state(cloud, machine, "terminated")
    assert not instance(cloud, machine).get("PrivateIpAddress")


def test_terminating_again_is_no_error_and_changes_nothing(cloud: LocalCloud) -> None:
    machine = launch(cloud)["InstanceId"]
    terminate(cloud, machine)
    answer = cloud.client("ec2").terminate_instances(InstanceIds=[machine])["TerminatingInstances"][0]
    assert answer["CurrentState"]["Name"] == "terminated"


def test_a_machine_can_be_terminated_while_it_boots(cloud: LocalCloud) -> None:
    machine = launch(cloud)["InstanceId"]
    cloud.client("ec2").terminate_instances(InstanceIds=[machine])
    seen: set[str] = set()

    def poll() -> bool:
        seen.add(state(cloud, machine))
        return "terminated" in seen

    wait_until(poll)
    assert seen <= {"shutting-down", "terminated"}


def test_state_filters_see_the_states(cloud: LocalCloud) -> None:
    machine = launch(cloud, "filtered")["InstanceId"]
    filters: Any = [{"Name": "tag:Name", "Values": ["filtered"]}]
    until_state(cloud, machine, "running")

    def found(*states: str) -> list[str]:
        wanted = [*filters, {"Name": "instance-state-name", "Values": list(states)}]
        reservations = cloud.client("ec2").describe_instances(Filters=wanted)["Reservations"]
        return [one["InstanceId"] for reservation in reservations for one in reservation["Instances"]]

    assert found("running") == [machine]
    assert found("pending", "terminated") == []
    terminate(cloud, machine)
    assert found("running") == []
    assert found("terminated") == [machine]


def test_same_token_same_machine_other_parameters_an_error(cloud: LocalCloud) -> None:
    token = uuid.uuid4().hex
    first = launch(cloud, "once", ClientToken=token)
    again = launch(cloud, "once", ClientToken=token)
    assert again["InstanceId"] == first["InstanceId"]
    with pytest.raises(ClientError) as error:
        launch(cloud, "once", ClientToken=token, InstanceType="t3.large")
    assert code_of(error) == "IdempotentParameterMismatch"
    other = launch(cloud, "once", ClientToken=uuid.uuid4().hex)
    assert other["InstanceId"] != first["InstanceId"]
    for one in (first, other):
        terminate(cloud, one["InstanceId"])


def test_each_machine_has_a_loopback_address_of_its_own(cloud: LocalCloud) -> None:
    machines = [launch(cloud) for _ in range(3)]
    addresses = [machine["PrivateIpAddress"] for machine in machines]
    assert len(set(addresses)) == 3
    assert all(re.fullmatch(r"127\.0\.0\.([2-9]|[1-9]\d+)", address) for address in addresses)
    assert instance(cloud, machines[1]["InstanceId"])["PrivateIpAddress"] == addresses[1]
    terminate(cloud, machines[1]["InstanceId"])
    successor = launch(cloud)
    assert successor["PrivateIpAddress"] not in (addresses[0], addresses[2])
    for machine in (machines[0], machines[2], successor):
        terminate(cloud, machine["InstanceId"])


def test_an_address_that_another_local_cloud_uses_is_left_alone() -> None:
    mine, theirs = Addresses(), Addresses()
    try:
        taken = theirs.claim()
        claimed = mine.claim()
        assert claimed != taken
        theirs.release(taken)
        with socket.create_server((taken, 0)):
            assert mine.claim() != claimed
    finally:
        mine.release_all()
        theirs.release_all()


def test_two_local_clouds_may_reach_for_an_address_at_the_same_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both have bound it before one of them listens; the other takes the next."""
    bind = addresses._bind
    rivals: list[socket.socket] = []

    def bind_and_lose(address: str, port: int) -> socket.socket:
        bound = bind(address, port)
        if not rivals:
            rivals.append(bind(address, port))
            rivals[0].listen(1)
        return bound

    monkeypatch.setattr(addresses, "_bind", bind_and_lose)
    mine = Addresses()
    try:
        assert mine.claim() != rivals[0].getsockname()[0]
    finally:
        mine.release_all()
        rivals[0].close()


def test_the_launch_template_fills_what_is_left_open(cloud: LocalCloud) -> None:
    ec2, iam = cloud.client("ec2"), cloud.client("iam")
    suffix = uuid.uuid4().hex[:8]
    profile = iam.create_instance_profile(InstanceProfileName=f"profile-{suffix}")["InstanceProfile"]
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.create_security_group(GroupName=f"g-{suffix}", Description="d", VpcId=subnet["VpcId"])[
        "GroupId"
    ]
    template = ec2.create_launch_template(
        LaunchTemplateName=f"template-{suffix}",
        LaunchTemplateData={
            "ImageId": "ami-12345678",
            "IamInstanceProfile": {"Arn": profile["Arn"]},
            "InstanceInitiatedShutdownBehavior": "terminate",
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "Groups": [group]}],
            "BlockDeviceMappings": [
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {"VolumeSize": 30, "Encrypted": True, "DeleteOnTermination": True},
                }
            ],
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    reference = {"LaunchTemplateId": template, "Version": "$Default"}
    started = ec2.run_instances(LaunchTemplate=reference, InstanceType="t3.small", MinCount=1, MaxCount=1)
    machine = started["Instances"][0]["InstanceId"]
    seen = instance(cloud, machine)
    assert seen["IamInstanceProfile"]["Arn"] == profile["Arn"]
    assert seen["MetadataOptions"]["HttpTokens"] == "required"
    assert seen["SubnetId"] == subnet["SubnetId"]
    assert [one["GroupId"] for one in seen["SecurityGroups"]] == [group]
    assert seen["InstanceType"] == "t3.small"
    assert seen["PrivateIpAddress"].startswith("127.0.0.")
    behaviour = ec2.describe_instance_attribute(
        InstanceId=machine, Attribute="instanceInitiatedShutdownBehavior"
    )
    assert behaviour["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [machine]}])[
        "Volumes"
    ]
    assert [(volume["Size"], volume["Encrypted"]) for volume in volumes] == [(30, True)]
    terminate(cloud, machine)


def test_the_shutdown_timer_ends_the_machine(cloud: LocalCloud) -> None:
    machine = launch(
        cloud, script=user_data("no-such-cluster", 1), InstanceInitiatedShutdownBehavior="terminate"
    )["InstanceId"]
    until_state(cloud, machine, "running")
    until_state(cloud, machine, "terminated")


def test_the_shutdown_timer_only_stops_a_machine_that_is_not_told_to_terminate(cloud: LocalCloud) -> None:
    machine = launch(cloud, script=user_data("no-such-cluster", 1))["InstanceId"]
    until_state(cloud, machine, "stopped")
    terminate(cloud, machine)


def test_a_stopped_machine_does_not_start_again(cloud: LocalCloud) -> None:
    machine = launch(cloud)["InstanceId"]
    cloud.client("ec2").stop_instances(InstanceIds=[machine])
    until_state(cloud, machine, "stopped")
    with pytest.raises(ClientError) as error:
        cloud.client("ec2").start_instances(InstanceIds=[machine])
    assert code_of(error) == "UnsupportedOperation"
    terminate(cloud, machine)


@pytest.mark.parametrize(
    ("script", "read"),
    [
        ("", UserData(None, None)),
        ("#!/bin/bash\nshutdown -P +21\necho ECS_CLUSTER=mixer-1 >> f\n", UserData("mixer-1", 21)),
        ("cat <<E >> f\nECS_CLUSTER='a_b-1'\nE\nsudo shutdown -h -P +5 'bye'\n", UserData("a_b-1", 5)),
        (
            "shutdown -P +9\nsystemd-run --on-active=6m /bin/sh -c 'x; systemctl poweroff'\n",
            UserData(None, 6),
        ),
        (
            "cat > /run/x <<'E'\nimage='1.ecr.a/b:1' region='a'\nE\n",
            UserData(None, None, "1.ecr.a/b:1"),
        ),
        ("# shutdown -P +1\n  # ECS_CLUSTER=no\nshutdown now\n", UserData(None, None)),
    ],
)
def test_user_data_is_read_for_cluster_and_timer(script: str, read: UserData) -> None:
    assert read_user_data(script) == read


def test_unknown_instance_type_is_refused_as_by_amazon(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError) as error:
        cloud.client("ec2").describe_instance_types(InstanceTypes=["z9.huge"])
    assert code_of(error) == "InvalidInstanceType"
    with pytest.raises(ClientError) as error:
        launch(cloud, InstanceType="z9.huge")
    assert code_of(error) == "InvalidParameterValue"


def test_known_instance_type_tells_its_architecture(cloud: LocalCloud) -> None:
    answer = cloud.client("ec2").describe_instance_types(InstanceTypes=["t4g.medium"])
    assert answer["InstanceTypes"][0]["ProcessorInfo"]["SupportedArchitectures"] == ["arm64"]


def test_unknown_instance_is_not_found(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2")
    for operation in (ec2.describe_instances, ec2.terminate_instances):
        with pytest.raises(ClientError) as error:
            operation(InstanceIds=["i-0123456789abcdef0"])
        assert code_of(error) == "InvalidInstanceID.NotFound"


@pytest.mark.parametrize("architecture", ["", "arm64/"])
def test_images_for_container_hosts_are_found_by_their_parameters(
    cloud: LocalCloud, architecture: str
) -> None:
    name = f"/aws/service/ecs/optimized-ami/amazon-linux-2023/{architecture}recommended/image_id"
    found = cloud.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert re.fullmatch(r"ami-[0-9a-f]+", found)


def test_machine_dir_is_kept_and_a_second_machine_has_its_own(cloud: LocalCloud) -> None:
    first = launch(cloud, "twice")["InstanceId"]
    disk = cloud.machine_dir("twice")
    assert disk.is_dir()
    terminate(cloud, first)
    assert disk.is_dir()
    second = launch(cloud, "twice")["InstanceId"]
    assert cloud.machine_dir("twice") != disk
    terminate(cloud, second)


def test_a_machine_does_not_end_while_it_is_being_described(cloud: LocalCloud) -> None:
    """Its address would go from under moto's answer, which ended a teardown with an IndexError."""
    described, go_on = threading.Event(), threading.Event()
    original = InstanceResponse.describe_instances

    def describe(response: Any) -> Any:
        described.set()
        go_on.wait(10)
        return original(response)

    machine = launch(cloud)["InstanceId"]
    until_state(cloud, machine, "running")
    cloud.client("ec2").terminate_instances(InstanceIds=[machine])
    seen: list[str] = []
    with Replacements() as replacements:
        replacements.replace(InstanceResponse, "describe_instances", describe)
        looking = threading.Thread(target=lambda: seen.append(state(cloud, machine)))
        looking.start()
        assert described.wait(10)
        # Longer than the machine takes to end, were it let.
        looking.join(5 * small_settings(Path()).terminate_seconds)
        go_on.set()
        looking.join()
    assert seen == ["shutting-down"]
    until_state(cloud, machine, "terminated")


@pytest.mark.parametrize("port", [1880, 8080])
def test_a_port_that_somebody_has_at_every_address_is_named_with_who_has_it(port: int) -> None:
    """Each machine waited 40 s for its address, and then a capacity was to blame that never was."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.3.254", port))
        taken.listen()
        addresses.check_machine_ports()  # one address only: the others are free
    with pytest.MonkeyPatch.context() as patch:
        everywhere = SimpleNamespace(
            status="LISTEN", laddr=SimpleNamespace(ip="::", port=port), pid=os.getpid()
        )
        patch.setattr("psutil.net_connections", lambda _: [everywhere])
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.3.254", port))
            taken.listen()
            with pytest.raises(PortTakenError, match=rf"port {port} .*process {os.getpid()}"):
                addresses.check_machine_ports()
