"""Zones that lack an instance type or have no room, and an account whose plan does not allow it."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from local_cloud.ec2.capacity import FREE_PLAN_TYPES, Capacity, refusal
from tests.contract.machines import instance, launch, terminate

A, B, C = (f"eu-west-1{letter}" for letter in "abc")
KIND = "t3.medium"


@pytest.fixture
def capacity(cloud: LocalCloud) -> Iterator[Capacity]:
    """What the zones have; all is as before afterwards."""
    has = cloud.settings.capacity
    yield has
    has.lacking, has.full, has.plan_types = {}, {}, None


@pytest.fixture
def subnets(cloud: LocalCloud) -> dict[str, str]:
    """The default VPC's subnets, by zone."""
    vpc = cloud.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    found = cloud.client("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])
    return {one["AvailabilityZone"]: one["SubnetId"] for one in found["Subnets"]}


def template(cloud: LocalCloud, subnet: str) -> dict[str, str]:
    """A launch template whose network card is in a subnet."""
    made = cloud.client("ec2").create_launch_template(
        LaunchTemplateName=f"t-{uuid.uuid4().hex[:8]}",
        LaunchTemplateData={"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet}]},
    )
    return {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"], "Version": "$Latest"}


def naming(cloud: LocalCloud, how: str, subnet: str) -> dict[str, Any]:
    """RunInstances' parameters that name a subnet."""
    if how == "subnet":
        return {"SubnetId": subnet}
    if how == "network interface":
        return {"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet}]}
    return {"LaunchTemplate": template(cloud, subnet)}


def refused(cloud: LocalCloud, **parameters: Any) -> tuple[str, int, str]:
    """Launch what cannot be had; return the error's code, its status and its message."""
    before = len(cloud.client("ec2").describe_instances()["Reservations"])
    with pytest.raises(ClientError) as raised:
        launch(cloud, **parameters)
    assert len(cloud.client("ec2").describe_instances()["Reservations"]) == before
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def zone_of_launch(cloud: LocalCloud, **parameters: Any) -> str:
    """Launch a machine, end it, return its zone."""
    machine = launch(cloud, **parameters)["InstanceId"]
    zone = instance(cloud, machine)["Placement"]["AvailabilityZone"]
    terminate(cloud, machine)
    return str(zone)


def offered(cloud: LocalCloud, kind: str, location_type: str = "availability-zone") -> list[str]:
    found = cloud.client("ec2").describe_instance_type_offerings(
        LocationType=location_type, Filters=[{"Name": "instance-type", "Values": [kind]}]
    )["InstanceTypeOfferings"]
    return sorted(one["Location"] for one in found)


def test_the_default_vpc_has_a_subnet_in_each_of_several_zones(subnets: dict[str, str]) -> None:
    assert set(subnets) == {A, B, C}


@pytest.mark.parametrize("how", ["subnet", "network interface", "launch template"])
def test_a_machine_is_in_the_zone_of_its_subnet(cloud: LocalCloud, subnets: dict[str, str], how: str) -> None:
    assert zone_of_launch(cloud, **naming(cloud, how, subnets[C])) == C


def test_the_requests_network_interface_is_taken_before_the_templates(
    cloud: LocalCloud, subnets: dict[str, str]
) -> None:
    both = naming(cloud, "network interface", subnets[B]) | naming(cloud, "launch template", subnets[C])
    assert zone_of_launch(cloud, **both) == B


@pytest.mark.parametrize("how", ["subnet", "network interface", "launch template"])
def test_a_zone_that_lacks_the_type(
    cloud: LocalCloud, capacity: Capacity, subnets: dict[str, str], how: str
) -> None:
    capacity.lacking = {B: {KIND}}
    assert offered(cloud, KIND) == [A, C]
    assert refused(cloud, **naming(cloud, how, subnets[B])) == (
        "Unsupported",
        400,
        f"Your requested instance type ({KIND}) is not supported in your requested Availability Zone ({B}). "
        f"Please retry your request by not specifying an Availability Zone or choosing {A}, {C}.",
    )
    assert zone_of_launch(cloud, **naming(cloud, how, subnets[C])) == C
    assert zone_of_launch(cloud, InstanceType="t3.large", **naming(cloud, how, subnets[B])) == B


def test_offerings_by_a_zones_id_lack_it_too(cloud: LocalCloud, capacity: Capacity) -> None:
    zones = cloud.client("ec2").describe_availability_zones()["AvailabilityZones"]
    ids = {zone["ZoneName"]: zone["ZoneId"] for zone in zones}
    assert offered(cloud, KIND, "availability-zone-id") == sorted(ids.values())
    capacity.lacking = {B: {KIND}}
    assert offered(cloud, KIND, "availability-zone-id") == sorted({ids[A], ids[C]})
    assert offered(cloud, KIND, "region") == [cloud.region]


@pytest.mark.parametrize("how", ["subnet", "network interface", "launch template"])
def test_a_zone_without_room(
    cloud: LocalCloud, capacity: Capacity, subnets: dict[str, str], how: str
) -> None:
    capacity.full, capacity.lacking = {A: {KIND}}, {C: {KIND}}
    assert offered(cloud, KIND) == [A, B], "a full zone offers the type"
    assert refused(cloud, **naming(cloud, how, subnets[A])) == (
        "InsufficientInstanceCapacity",
        500,
        f"We currently do not have sufficient {KIND} capacity in the Availability Zone you requested ({A}). "
        "Our system will be working on provisioning additional capacity. You can currently get "
        f"{KIND} capacity by not specifying an Availability Zone in your request or choosing {B}.",
    )
    assert zone_of_launch(cloud, **naming(cloud, how, subnets[B])) == B


def test_a_region_without_room_names_no_other_zone() -> None:
    answer = refusal(Capacity(full={A: {KIND}, B: {KIND}}), KIND, A, {A, B})
    assert answer is not None
    assert answer.message.endswith("Our system will be working on provisioning additional capacity.")


def test_who_names_no_zone_gets_one_that_has_room(cloud: LocalCloud, capacity: Capacity) -> None:
    capacity.full, capacity.lacking = {A: {KIND}}, {B: {KIND}}
    assert zone_of_launch(cloud) == C
    capacity.full = {A: {KIND}, C: {KIND}}
    assert refused(cloud)[0] == "InsufficientInstanceCapacity"


def test_a_repeated_request_gives_its_machine_though_there_is_no_room_now(
    cloud: LocalCloud, capacity: Capacity, subnets: dict[str, str]
) -> None:
    request = {"ClientToken": uuid.uuid4().hex, "SubnetId": subnets[A]}
    machine = launch(cloud, **request)["InstanceId"]
    capacity.full = {A: {KIND}}
    assert launch(cloud, **request)["InstanceId"] == machine
    terminate(cloud, machine)


def eligible(cloud: LocalCloud) -> set[str]:
    pages = (
        cloud.client("ec2")
        .get_paginator("describe_instance_types")
        .paginate(Filters=[{"Name": "free-tier-eligible", "Values": ["true"]}])
    )
    kinds = [kind for page in pages for kind in page["InstanceTypes"]]
    assert all(kind["FreeTierEligible"] for kind in kinds)
    return {kind["InstanceType"] for kind in kinds}


def test_an_account_on_the_free_plan(cloud: LocalCloud, capacity: Capacity) -> None:
    capacity.plan_types = FREE_PLAN_TYPES
    assert refused(cloud, InstanceType="c6i.large") == (
        "InvalidParameterCombination",
        400,
        "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, "
        "run 'describe-instance-types' with the filter 'free-tier-eligible=true'.",
    )
    assert eligible(cloud) == FREE_PLAN_TYPES
    (described,) = cloud.client("ec2").describe_instance_types(InstanceTypes=["c6i.large"])["InstanceTypes"]
    assert described["FreeTierEligible"] is False
    assert zone_of_launch(cloud, InstanceType="t3.micro")


def test_another_account_launches_what_is_not_free(cloud: LocalCloud, capacity: Capacity) -> None:
    assert "c6i.large" not in eligible(cloud)
    assert zone_of_launch(cloud, InstanceType="c6i.large")
