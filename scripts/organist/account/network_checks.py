"""Whether machines and functions can work in a subnet: its way to the internet, its addresses, its zone."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import RouteTableTypeDef, RouteTypeDef, SubnetTypeDef, VpcTypeDef

EVERYWHERE = "0.0.0.0/0"
# Containers in bridge mode have addresses of it; what else has one is out of their reach.
# https://docs.docker.com/engine/daemon/#configure-the-default-bridge-network
DOCKER = IPv4Network("172.17.0.0/16")
# Lambda refuses a function there: "The provided subnets contain availability zone Lambda doesn't support.
# Please use a different set of subnets." (in us-east-1: https://github.com/keboola/developer-portal/issues/81)
# AWS lists such zones nowhere and no call tells them; this one lacks the machines of the last ten years, too.
WITHOUT_FUNCTIONS = frozenset({"use1-az3"})
# The ID of an Availability Zone; Local and Wavelength Zones, without functions, are called use1-bos1-az1.
# https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
AVAILABILITY_ZONE = re.compile(r"[a-z]+\d-az\d+")
# Where a default route may lead; a peering connection is no way to the internet.
# https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
ONWARD = (
    "NatGatewayId",
    "TransitGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CoreNetworkArn",
    "GatewayId",
)


def address_mistakes(vpc: "VpcTypeDef") -> Iterator[str]:
    """Yield what is wrong with a VPC's addresses: those that overlap Docker's own network."""
    for association in vpc.get("CidrBlockAssociationSet", []):
        block = association.get("CidrBlock", "")
        state = association.get("CidrBlockState", {}).get("State", "associated")
        if block and state in ("associating", "associated") and IPv4Network(block).overlaps(DOCKER):
            yield (
                f"The VPC {vpc['VpcId']} has the addresses {block}, which overlap {DOCKER}: Docker gives "
                "those to the containers, which could not reach a machine with one of them."
            )


def route_tables(ec2: "EC2Client", vpc: str) -> "list[RouteTableTypeDef]":
    """Return the route tables of a VPC."""
    pages = ec2.get_paginator("describe_route_tables").paginate(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    return [table for page in pages for table in page["RouteTables"]]


def internet_mistake(subnet: "SubnetTypeDef", tables: "Sequence[RouteTableTypeDef]") -> str | None:
    """Return why a machine in a subnet could not reach the internet; None if it can."""
    name = subnet["SubnetId"]
    table = _table_of(name, tables)
    if table is None:
        return f"The subnet {name} has no route table, so its machines cannot reach the internet."
    route = next(
        (found for found in table.get("Routes", []) if found.get("DestinationCidrBlock") == EVERYWHERE), None
    )
    where = f"The subnet {name} (route table {table['RouteTableId']})"
    if route is None:
        return f"{where} has no route to {EVERYWHERE}, so its machines cannot reach the internet."
    to = next((str(route[key]) for key in ONWARD if route.get(key)), "")  # type: ignore[literal-required]
    if route.get("State") == "blackhole":
        return f"{where} has a route to {EVERYWHERE} whose target {to or _other_end(route)} is gone."
    if not to:
        return f"{where} leads {EVERYWHERE} to {_other_end(route)}, which is no way to the internet."
    if to.startswith("igw-") and not subnet.get("MapPublicIpOnLaunch"):
        return (
            f"{where} leads to the internet gateway {to}, but gives machines no public address on launch, so "
            "nothing answers them: aws ec2 modify-subnet-attribute --map-public-ip-on-launch "
            f"--subnet-id {name}, or a route to a NAT gateway."
        )
    return None


def function_zone_mistake(subnet: "SubnetTypeDef") -> str | None:
    """Return why Lambda would not take a subnet; None if it does."""
    zone = subnet.get("AvailabilityZoneId", "")
    if subnet.get("OutpostArn"):
        return f"The subnet {subnet['SubnetId']} is on an Outpost, where Lambda has no functions."
    if zone in WITHOUT_FUNCTIONS or (zone and not AVAILABILITY_ZONE.fullmatch(zone)):
        return (
            f"The subnet {subnet['SubnetId']} is in the zone {zone} ({subnet.get('AvailabilityZone', '')}), "
            "where Lambda has no functions."
        )
    return None


def _table_of(subnet: str, tables: "Sequence[RouteTableTypeDef]") -> "RouteTableTypeDef | None":
    """Return the route table of a subnet: its own, or else the VPC's main one."""
    main = None
    for table in tables:
        for association in table.get("Associations", []):
            if association.get("SubnetId") == subnet:
                return table
            if association.get("Main"):
                main = table
    return main


def _other_end(route: "RouteTypeDef") -> str:
    return str(route.get("VpcPeeringConnectionId") or route.get("EgressOnlyInternetGatewayId") or "nothing")
