"""The steps of removing a machine, each on its own: tasks, container instance, instance, cluster.

Terminating a container instance that is still registered keeps its cluster undeletable for about 20 minutes:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister_container_instance.html
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws_errors import error_code
from lambdas.clusters import cluster_owner
from lambdas.machine_errors import ClusterStillOccupied

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.literals import ContainerInstanceStatusType

REGISTERED: "tuple[ContainerInstanceStatusType, ...]" = (
    "ACTIVE",
    "DRAINING",
    "REGISTERING",
    "REGISTRATION_FAILED",
)
OCCUPIED = (
    "ClusterContainsContainerInstancesException",
    "ClusterContainsTasksException",
    "ClusterContainsServicesException",
    "UpdateInProgressException",
)
GONE = "ClusterNotFoundException"
NO_SUCH_INSTANCE = ("InvalidParameterException", "ClientException")


def stop_tasks(cluster: str, ecs: "ECSClient") -> list[Any]:
    """Tell every task of the cluster to stop; give the tasks, those that stopped lately too."""
    running = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    for arn in running:
        ecs.stop_task(cluster=cluster, task=arn, reason="The production has ended")
    arns = running + ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"]
    return list(ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]) if arns else []


def deregister(cluster: str, ecs: "ECSClient") -> list[str]:
    """Take every container instance out of the cluster, whatever runs on it; give their ARNs."""
    arns = _registered(cluster, ecs)
    for arn in arns:
        try:
            ecs.deregister_container_instance(cluster=cluster, containerInstance=arn, force=True)
        except ClientError as error:
            # An attempt whose answer got lost has done it: then the next one is told that there is none.
            if error_code(error) not in NO_SUCH_INSTANCE or arn in _registered(cluster, ecs):
                raise
    return arns


def _registered(cluster: str, ecs: "ECSClient") -> list[str]:
    return [
        arn
        for status in REGISTERED
        for arn in ecs.list_container_instances(cluster=cluster, status=status)["containerInstanceArns"]
    ]


def terminate(instances: list[Any], ec2: "EC2Client") -> list[str]:
    """Terminate those of the instances that are not on their way out already; give their ids."""
    ids = [found["InstanceId"] for found in instances if found["State"]["Name"] != "shutting-down"]
    if ids:
        ec2.terminate_instances(InstanceIds=ids)
    return ids


def delete_cluster(cluster: str, ecs: "ECSClient") -> None:
    """Delete the cluster; one that is gone is deleted. ``ClusterStillOccupied`` while something is in it."""
    try:
        ecs.delete_cluster(cluster=cluster)
    except ClientError as error:
        if error_code(error) in OCCUPIED:
            raise ClusterStillOccupied(
                f"The cluster {cluster} is not empty yet: {error_code(error)}."
            ) from error
        # The permission goes by the cluster's tag, which one that is gone no longer has: the second attempt,
        # after an answer that got lost, is denied.
        if error_code(error) != GONE and cluster_owner(cluster, ecs) is not None:
            raise
