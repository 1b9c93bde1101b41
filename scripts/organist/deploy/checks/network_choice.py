"""Which VPC and subnets a stack lives in: those named, or the default VPC's, once they are seen to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from organist.account.network_checks import (
    address_mistakes,
    function_zone_mistake,
    internet_mistake,
    route_tables,
)
from organist.deploy.options.deployment_options import DeploymentRefused

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import SubnetTypeDef, VpcTypeDef


@dataclass(frozen=True)
class Network:
    """A VPC and subnets of it."""

    vpc: str
    subnets: tuple[str, ...]


def choose_network(ec2: "EC2Client", vpc: str | None, subnets: Sequence[str]) -> Network:
    """Return the network that the options mean, once it is seen to be there and to do.

    Of the default VPC only the subnets that do are given; of named subnets, each must.

    Raises:
        DeploymentRefused: There is no such VPC or subnet, it is of another VPC, or it will not do.
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
    described = ec2.describe_vpcs(VpcIds=[wanted])["Vpcs"][0]
    mistakes = [*address_mistakes(described), *_mistakes(ec2, wanted, found).values()]
    if mistakes:
        raise DeploymentRefused(
            "\n".join([*mistakes, "Name other subnets, or mend these. Nothing was made."])
        )
    return Network(wanted, tuple(subnets))


def _default_network(ec2: "EC2Client") -> Network:
    vpc = _default_vpc(ec2)
    own = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}, {"Name": "default-for-az", "Values": ["true"]}]
    subnets = ec2.describe_subnets(Filters=own)["Subnets"]  # type: ignore[arg-type]
    if not subnets:
        raise DeploymentRefused(
            f"The default VPC {vpc['VpcId']} has no default subnet. Name subnets with --vpc and --subnets, "
            "or make one: aws ec2 create-default-subnet --availability-zone ZONE. Nothing was made."
        )
    mistakes = _mistakes(ec2, vpc["VpcId"], subnets)
    good = sorted(subnet["SubnetId"] for subnet in subnets if subnet["SubnetId"] not in mistakes)
    wrong = [*address_mistakes(vpc), *([] if good else mistakes.values())]
    if wrong:
        raise DeploymentRefused(
            "\n".join([*wrong, "Name another network with --vpc and --subnets. Nothing was made."])
        )
    return Network(vpc["VpcId"], tuple(good))


def _default_vpc(ec2: "EC2Client") -> "VpcTypeDef":
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise DeploymentRefused(
            "There is no default VPC in this region. Name a network with --vpc and --subnets, or make one: "
            "aws ec2 create-default-vpc. Nothing was made."
        )
    return vpcs[0]


def _mistakes(ec2: "EC2Client", vpc: str, subnets: "Sequence[SubnetTypeDef]") -> dict[str, str]:
    """Return what is wrong with each subnet that will not do."""
    tables = route_tables(ec2, vpc)

    def wrong() -> Iterator[tuple[str, str]]:
        for subnet in subnets:
            mistake = internet_mistake(subnet, tables) or function_zone_mistake(subnet)
            if mistake:
                yield subnet["SubnetId"], mistake

    return dict(wrong())


def _named_subnets(ec2: "EC2Client", subnets: Sequence[str]) -> "list[SubnetTypeDef]":
    try:
        return ec2.describe_subnets(SubnetIds=list(subnets))["Subnets"]
    except ClientError as error:
        if error_code(error) != "InvalidSubnetID.NotFound":
            raise
        raise DeploymentRefused(
            f"Not every one of the subnets {', '.join(subnets)} is in this region. "
            "`aws ec2 describe-subnets` shows yours. Nothing was made."
        ) from error
