"""Whether machines and functions can work in the stack's subnets: routes, zones, addresses left."""

from typing import TYPE_CHECKING

from organist.account.aws_account import Account
from organist.account.network_checks import (
    address_mistakes,
    function_zone_mistake,
    internet_mistake,
    route_tables,
)
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_ec2.type_defs import RouteTableTypeDef, SubnetTypeDef

CHECK = "network"
# Two machines, and what the functions in the VPC share; more at the same time need more.
A_PRODUCTION = 8


def check_network(account: Account, parts: DeployedParts) -> list[Finding]:
    """Return a finding for each subnet, and for each mistake of the VPC's addresses."""
    ec2 = account.ec2
    subnets = ec2.describe_subnets(SubnetIds=parts.subnets)["Subnets"]
    vpc = subnets[0]["VpcId"]
    described = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
    tables = route_tables(ec2, vpc)
    overlapping = [
        Finding(CHECK, vpc, FindingState.FAILED, mistake, "Deploy anew in another network: --vpc, --subnets.")
        for mistake in address_mistakes(described)
    ]
    return [*overlapping, *(_subnet(subnet, tables) for subnet in subnets)]


def _subnet(subnet: "SubnetTypeDef", tables: "Sequence[RouteTableTypeDef]") -> Finding:
    name = f"{subnet['SubnetId']} ({subnet['AvailabilityZone']})"
    mistake = internet_mistake(subnet, tables) or function_zone_mistake(subnet)
    if mistake:
        advice = "Mend it, or deploy with other --subnets."
        return Finding(CHECK, name, FindingState.FAILED, mistake, advice)
    left = subnet["AvailableIpAddressCount"]
    message = f"leads to the internet, {left} addresses left"
    if left == 0:
        return Finding(
            CHECK,
            name,
            FindingState.FAILED,
            message,
            "Free some, or deploy with a larger subnet in --subnets.",
        )
    if left < A_PRODUCTION:
        return Finding(
            CHECK, name, FindingState.WARNING, message, "Few: free some, or add a subnet with --subnets."
        )
    return Finding(CHECK, name, FindingState.OK, message)
