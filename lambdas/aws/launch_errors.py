"""What RunInstances refuses, by name; which refusals another zone or type may get over.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code, error_message, name_aws_error
from lambdas.aws.machine_errors import (
    InstanceCapacityUnavailable,
    InstanceGone,
    InstanceQuotaExceeded,
    InstanceTypeNotAllowed,
    InstanceTypeUnknown,
)
from lambdas.runtime.errors import OrganistError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

NO_CAPACITY = frozenset({"InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity"})
NOT_IN_THIS_ZONE = frozenset({"Unsupported"})
# A subnet without an address left says nothing about the others.
NO_ADDRESS = frozenset({"InsufficientFreeAddressesInSubnet"})
TRY_THE_NEXT = NO_CAPACITY | NOT_IN_THIS_ZONE | NO_ADDRESS
LAUNCHED_AND_ENDED = frozenset({"IdempotentInstanceTerminated"})
QUOTA = frozenset({"InstanceLimitExceeded", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded"})
# The words of accounts on the free plan: https://github.com/aws-samples/eks-workshop-v2/issues/1644
NOT_ELIGIBLE = "not eligible for Free Tier"


def nowhere(name: str, refusals: Sequence[ClientError]) -> OrganistError:
    """Return the error for a machine that no placement took.

    Args:
        name: The machine's name.
        refusals: What EC2 answered to each placement, in order.
    """
    message = "; ".join(dict.fromkeys(f"{error_code(error)}: {error_message(error)}" for error in refusals))
    if all(error_code(error) in NOT_IN_THIS_ZONE for error in refusals):
        return InstanceTypeUnknown(f"No zone of the stack's subnets takes {name}: {message}")
    return InstanceCapacityUnavailable(f"No room for {name} in any of the stack's subnets: {message}")


def name_launch_error(error: ClientError, name: str, ec2: "EC2Client") -> OrganistError:
    """Return the named error for a refusal that no other zone gets over.

    Args:
        error: As botocore raised it.
        name: The machine's name.
        ec2: Asked for the types that a free plan includes, where that is the reason.
    """
    code, message = error_code(error), error_message(error)
    if code in LAUNCHED_AND_ENDED:
        return InstanceGone(
            f"{name} was launched for this execution before and has ended; a redrive does not bring it back."
        )
    if code in QUOTA:
        return InstanceQuotaExceeded(f"{name} is more than the account may run: {message}")
    if code == "InvalidParameterCombination" and NOT_ELIGIBLE in message:
        return InstanceTypeNotAllowed(f"{message} The plan includes {', '.join(free_types(ec2)) or 'none'}.")
    return name_aws_error(error)


def free_types(ec2: "EC2Client") -> list[str]:
    """Return the instance types that an account on the free plan may start."""
    pages = ec2.get_paginator("describe_instance_types").paginate(
        Filters=[{"Name": "free-tier-eligible", "Values": ["true"]}]
    )
    return sorted(str(found["InstanceType"]) for page in pages for found in page["InstanceTypes"])
