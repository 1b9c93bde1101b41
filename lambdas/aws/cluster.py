"""The stack's ECS cluster: its container instances, how a task is held to one, and why it stopped.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import PlacementConstraintTypeDef

CLUSTER_GONE = "ClusterNotFoundException"
# RunTask's reason where no machine is the one: https://github.com/aws/amazon-ecs-agent/pull/3044
UNSATISFIED = "MemberOf placement constraint unsatisfied"


def only_on(instance_id: str) -> "PlacementConstraintTypeDef":
    """Return the constraint that lets a task run on one EC2 instance only."""
    return {"type": "memberOf", "expression": f"ec2InstanceId == {instance_id}"}


def registered(cluster: str, instance_ids: Sequence[str], ecs: "ECSClient") -> list[str]:
    """Return the ARNs of the container instances that EC2 instances are, whatever their status.

    Args:
        cluster: The stack's cluster.
        instance_ids: EC2 instances; none, and nothing is asked.
        ecs: The client to ask.
    """
    if not instance_ids:
        return []
    return find_container_instances(cluster, f"ec2InstanceId in [{', '.join(instance_ids)}]", ecs)


def find_container_instances(cluster: str, query: str, ecs: "ECSClient") -> list[str]:
    """Return the ARNs of the container instances that fit a query, none if there is no such cluster.

    Args:
        cluster: The stack's cluster.
        query: An expression of the cluster query language.
        ecs: The client to ask.
    """
    try:
        pages = ecs.get_paginator("list_container_instances").paginate(cluster=cluster, filter=query)
        return [arn for page in pages for arn in page["containerInstanceArns"]]
    except ClientError as error:
        if error_code(error) == CLUSTER_GONE:
            return []
        raise


def stopped_reason(task: Any) -> str:
    """Return why a task stopped, in ECS's words and with the container's exit code."""
    exits = [
        f"{container['name']} exited with {container['exitCode']}"
        for container in task.get("containers", [])
        if container.get("exitCode") is not None
    ]
    reasons = [container["reason"] for container in task.get("containers", []) if container.get("reason")]
    return "; ".join([task.get("stoppedReason") or "no reason given", *exits, *reasons])
