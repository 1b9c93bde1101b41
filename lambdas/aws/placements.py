"""Where a machine may start: instance types in the order of preference, in subnets whose zone has them.

Not every zone has every type: RunInstances answers ``Unsupported`` there
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-discovery.html).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

MOST_OFFERINGS = 1000  # the most that a page of DescribeInstanceTypeOfferings has


class Placement(TypedDict):
    """An instance type in a subnet; ``architecture`` and ``imageId`` where they are known already."""

    instanceType: str
    subnetId: str
    architecture: NotRequired[str]
    imageId: NotRequired[str]


@dataclass(frozen=True)
class Offers:
    """The stack's subnets with their zones, and which zone has which type.

    Attributes:
        zones: The Availability Zone of each subnet, by the subnet's id, in the deployment's order.
        types: The instance types that each zone has, of those that were asked for.
    """

    zones: dict[str, str]
    types: dict[str, frozenset[str]]

    def offered(self, instance_type: str) -> bool:
        """Whether any subnet's zone has the type."""
        return any(instance_type in self.types.get(zone, ()) for zone in self.zones.values())


def wanted_types(instance_type: str | Sequence[str]) -> list[str]:
    """Return a document's ``instanceType`` as a list in the order of preference."""
    return [instance_type] if isinstance(instance_type, str) else list(instance_type)


def find_offers(types: Collection[str], subnet_ids: Sequence[str], ec2: "EC2Client") -> Offers:
    """Ask EC2 for the zones of subnets and for what they have.

    Args:
        types: Instance types of interest.
        subnet_ids: The subnets that machines may start in.
        ec2: The client to ask.
    """
    found = ec2.describe_subnets(SubnetIds=list(subnet_ids))["Subnets"]
    by_id = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in found}
    offerings = ec2.describe_instance_type_offerings(
        LocationType="availability-zone",
        Filters=[
            {"Name": "instance-type", "Values": sorted(types)},
            {"Name": "location", "Values": sorted(set(by_id.values()))},
        ],
        MaxResults=MOST_OFFERINGS,
    )["InstanceTypeOfferings"]
    offered: dict[str, set[str]] = {}
    for offering in offerings:
        offered.setdefault(offering["Location"], set()).add(str(offering["InstanceType"]))
    return Offers(
        {subnet: by_id[subnet] for subnet in subnet_ids if subnet in by_id},
        {zone: frozenset(types) for zone, types in offered.items()},
    )


def order_subnets(machines: Sequence[Sequence[str]], offers: Offers) -> list[str]:
    """Put first the subnets in which every machine can have its first choice, then any choice of its own.

    Machines that try subnets in this one order share a zone where that can be had; traffic between zones
    costs and delays.

    Args:
        machines: The types of each machine, in the order of preference.
        offers: What the zones have.
    """

    def rank(subnet: str) -> tuple[int, int]:
        there = offers.types.get(offers.zones[subnet], frozenset())
        choices = [
            next((n for n, kind in enumerate(types) if kind in there), len(types)) for types in machines
        ]
        lacking = sum(choice == len(types) for choice, types in zip(choices, machines, strict=True))
        return lacking, sum(choices)

    return sorted(offers.zones, key=rank)


def placements(types: Sequence[str], subnets: Sequence[str], offers: Offers) -> list[Placement]:
    """Return every type in every subnet that has it, the preferred type first."""
    return [
        Placement(instanceType=kind, subnetId=subnet)
        for kind in types
        for subnet in subnets
        if kind in offers.types.get(offers.zones.get(subnet, ""), ())
    ]
