"""The clusters of an older deployment, one a machine: an update to one cluster a stack leaves none."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws import tags
from lambdas.aws.errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

CLUSTERS_A_CALL = 100  # the most that DescribeClusters takes
OF_A_STACK = "aws:cloudformation:stack-id"
USES = ("registeredContainerInstancesCount", "runningTasksCount", "pendingTasksCount", "activeServicesCount")


def remove_old_clusters(ecs: "ECSClient", stack: str, own: str, print_line: Callable[[str], None]) -> None:
    """Remove the empty clusters that carry a stack's tag and that its functions made for their machines.

    Args:
        ecs: The client to ask.
        stack: The stack.
        own: The name of the cluster that the stack has now.
        print_line: Takes a line for the person.
    """
    for cluster in _clusters(ecs):
        marks = tags.read_tags(cluster.get("tags", []))
        if marks.get(tags.STACK) != stack or OF_A_STACK in marks or own in _names(cluster):
            continue
        if cluster.get("status") == "ACTIVE":
            print_line(_remove(ecs, cluster))


def _remove(ecs: "ECSClient", cluster: Any) -> str:
    name = cluster["clusterName"]
    used = sum(cluster.get(use, 0) for use in USES)
    if used:
        # A terminated machine stays registered for up to 20 minutes.
        return f"The old cluster {name} stays: something is registered in it. Deploy again in 20 minutes."
    try:
        ecs.delete_cluster(cluster=name)
    except ClientError as error:
        return f"The old cluster {name} stays: {error_code(error)}. Deploy again to remove it."
    return f"The old cluster {name} is removed: machines now join the stack's own."


def _names(cluster: Any) -> tuple[str, str]:
    return cluster["clusterName"], cluster["clusterArn"]


def _clusters(ecs: "ECSClient") -> Iterator[Any]:
    pages = ecs.get_paginator("list_clusters").paginate()
    arns = [arn for page in pages for arn in page["clusterArns"]]
    for start in range(0, len(arns), CLUSTERS_A_CALL):
        some = arns[start : start + CLUSTERS_A_CALL]
        yield from ecs.describe_clusters(clusters=some, include=["TAGS"])["clusters"]
