"""Which VPC and subnets a stack lives in: those named, or the default VPC's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws_errors import error_code
from organist.deployment_wishes import DeploymentRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import SubnetTypeDef


@dataclass(frozen=True)
class Network:
    """A VPC and subnets of it."""

    vpc: str
    subnets: tuple[str, ...]


def choose_network(ec2: "EC2Client", vpc: str | None, subnets: "Sequence[str]") -> Network:
    """Give the network that the options mean, once it is seen to be there.

    Raises: ``DeploymentRefused`` if there is no such VPC or subnet, or one of another VPC.
    """
    if not subnets:
        return _default_network(ec2)
    found = _named_subnets(ec2, subnets)
    owners = {subnet["VpcId"] for subnet in found}
    wanted = vpc or next(iter(owners))
    strangers = [subnet["SubnetId"] for subnet in found if subnet["VpcId"] != wanted]
    if strangers:
        raise DeploymentRefused(
            f"{', '.join(strangers)} is not in {wanted}; expected subnets of one VPC. Nothing was made."
        )
    return Network(wanted, tuple(subnets))


def _default_network(ec2: "EC2Client") -> Network:
    filters = [{"Name": "is-default", "Values": ["true"]}]
    vpcs = ec2.describe_vpcs(Filters=filters)["Vpcs"]  # type: ignore[arg-type]
    if not vpcs:
        raise DeploymentRefused(
            "There is no default VPC in this region. Name a network with --vpc and --subnets, or make one: "
            "aws ec2 create-default-vpc. Nothing was made."
        )
    vpc = vpcs[0]["VpcId"]
    own = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default-for-az", "Values": ["true"]}]
    subnets = ec2.describe_subnets(Filters=own)["Subnets"]  # type: ignore[arg-type]
    if not subnets:
        raise DeploymentRefused(
            f"The default VPC {vpc} has no default subnet. Name subnets with --vpc and --subnets, or make "
            "one: aws ec2 create-default-subnet --availability-zone ZONE. Nothing was made."
        )
    return Network(vpc, tuple(sorted(subnet["SubnetId"] for subnet in subnets)))


def _named_subnets(ec2: "EC2Client", subnets: "Sequence[str]") -> "list[SubnetTypeDef]":
    try:
        return ec2.describe_subnets(SubnetIds=list(subnets))["Subnets"]
    except ClientError as error:
        if error_code(error) != "InvalidSubnetID.NotFound":
            raise
        raise DeploymentRefused(
            f"Not every one of the subnets {', '.join(subnets)} is in this region. "
            "`aws ec2 describe-subnets` shows yours. Nothing was made."
        ) from error
