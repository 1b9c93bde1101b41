"""The steps of removing a machine, each on its own: its task, its container instance, the instance itself.

A container instance that is deregistered first does not stand in the cluster's list until ECS notices:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister_container_instance.html
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.cluster import CLUSTER_GONE
from lambdas.aws.errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

NO_SUCH = ("InvalidParameterException", "ClientException")


def stop_tasks(cluster: str, container_instances: Sequence[str], ecs: "ECSClient") -> list[Any]:
    """Stop every task on the container instances; return the tasks.

    Asked for by the machine, not by what a state remembers: a task whose ARN got lost on its way stops too.
    """
    stopping: list[Any] = []
    for arn in container_instances:
        tasks = [
            task
            for status in ("RUNNING", "STOPPED")
            for task in ecs.list_tasks(cluster=cluster, containerInstance=arn, desiredStatus=status)[
                "taskArns"
            ]
        ]
        stopping += filter(None, (stop_task(cluster, task, ecs) for task in tasks))
    return stopping


def stop_task(cluster: str, task: str, ecs: "ECSClient") -> Any:
    """Stop a task, idempotently, and return it as it stands; None if ECS knows it no more."""
    try:
        return ecs.stop_task(cluster=cluster, task=task, reason="The production has ended")["task"]
    except ClientError as error:
        if error_code(error) in (*NO_SUCH, CLUSTER_GONE):
            return None
        raise


def deregister(cluster: str, container_instances: Sequence[str], ecs: "ECSClient") -> list[str]:
    """Take container instances out of the cluster, whatever runs on them; return their ARNs."""
    for arn in container_instances:
        try:
            ecs.deregister_container_instance(cluster=cluster, containerInstance=arn, force=True)
        except ClientError as error:
            # An attempt whose answer got lost has done it: then the next one hears that there is none.
            gone = error_code(error) == CLUSTER_GONE
            if not gone and (error_code(error) not in NO_SUCH or _is_registered(cluster, arn, ecs)):
                raise
    return list(container_instances)


def _is_registered(cluster: str, arn: str, ecs: "ECSClient") -> bool:
    answer = ecs.describe_container_instances(cluster=cluster, containerInstances=[arn])
    return any(found["status"] != "INACTIVE" for found in answer["containerInstances"])


def terminate(instances: Sequence[Any], ec2: "EC2Client") -> list[str]:
    """Terminate those of the instances that are not on their way out already; return their ids."""
    ids = [found["InstanceId"] for found in instances if found["State"]["Name"] != "shutting-down"]
    if ids:
        ec2.terminate_instances(InstanceIds=ids)
    return ids
