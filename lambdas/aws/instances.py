"""Finding this stack's machines in EC2, by tag; nothing is found by anything a caller could mistype."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lambdas.aws import tags

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, InstanceTypeDef

# Every state but terminated: AWS lists a terminated instance for about an hour more.
NOT_TERMINATED = ("pending", "running", "shutting-down", "stopping", "stopped")
ALIVE = ("pending", "running")


def find_instances(
    ec2: "EC2Client", stack_name: str, states: Sequence[str] = (), **wanted: str
) -> "Iterator[InstanceTypeDef]":
    """Yield this stack's instances, page by page.

    Args:
        ec2: The client to ask.
        stack_name: The stack.
        states: EC2 instance states, empty for every one.
        wanted: Values that the instance's tags must have, by the names of ``WANTED_TAGS``.
    """
    filters: list[FilterTypeDef] = [{"Name": f"tag:{tags.STACK}", "Values": [stack_name]}]
    filters += [
        {"Name": f"tag:{WANTED_TAGS[name]}", "Values": [value]} for name, value in wanted.items() if value
    ]
    if states:
        filters.append({"Name": "instance-state-name", "Values": list(states)})
    for page in ec2.get_paginator("describe_instances").paginate(Filters=filters):
        for reservation in page["Reservations"]:
            yield from reservation["Instances"]


WANTED_TAGS = {"instance_name": tags.NAME, "production_id": tags.PRODUCTION, "execution_arn": tags.EXECUTION}
