"""terminateInstance: task, container instance, machine and cluster of one name, gone; or gone already."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws import ec2_client, ecs_client, named_aws_errors
from lambdas.aws_errors import error_code
from lambdas.entry import Event, Result, entry_point, require
from lambdas.instances import NOT_TERMINATED, find_instances
from lambdas.machine_errors import ClusterStillOccupied, InstanceStillTerminating, TaskStillStopping
from lambdas.settings import StackSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

OCCUPIED = (
    "ClusterContainsContainerInstancesException",
    "ClusterContainsTasksException",
    "ClusterContainsServicesException",
    "UpdateInProgressException",
)


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Remove a machine and everything that belongs to it, as far as it can be done now.

    Parameters: ``event`` is ``{"instanceName"}``.
    Raises: ``TaskStillStopping``, ``InstanceStillTerminating``, ``ClusterStillOccupied`` while AWS is at it.
    """
    require(event, ["instanceName"])
    return terminate_instance(
        event["instanceName"], StackSettings.from_env().stack_name, ec2_client(), ecs_client()
    )


def terminate_instance(name: str, stack_name: str, ec2: "EC2Client", ecs: "ECSClient") -> Result:
    """Take the next steps towards nothing being left of the machine ``name``; give what was removed."""
    cluster = ecs.describe_clusters(clusters=[name])["clusters"]
    if any(found["status"] == "ACTIVE" for found in cluster):
        _stop_tasks(name, ecs)
        _deregister(name, ecs)
    _terminate(name, stack_name, ec2)
    _delete_cluster(name, ecs)
    ended = [instance["InstanceId"] for instance in find_instances(ec2, stack_name, instance_name=name)]
    return {
        "instanceName": name,
        "instanceIds": ended,
        "clusters": [found["clusterName"] for found in cluster],
    }


def _stop_tasks(cluster: str, ecs: "ECSClient") -> None:
    # Stopped first and on its own, so that the recording is finished before the machine goes.
    arns = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    for arn in arns:
        ecs.stop_task(cluster=cluster, task=arn, reason="The production has ended")
    arns += ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"]
    tasks: list[Any] = list(ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]) if arns else []
    going = [task for task in tasks if task["lastStatus"] != "STOPPED" and _can_report(cluster, task, ecs)]
    if going:
        raise TaskStillStopping(f"Node-RED on {cluster} is {going[0]['lastStatus']}.")


def _can_report(cluster: str, task: Any, ecs: "ECSClient") -> bool:
    """Tell whether the task's machine can still say that the task ended: a dead one never will."""
    arn = task.get("containerInstanceArn")
    if not arn:
        return False
    answer = ecs.describe_container_instances(cluster=cluster, containerInstances=[arn])
    return any(found["agentConnected"] for found in answer["containerInstances"])


def _deregister(cluster: str, ecs: "ECSClient") -> None:
    # Before the machine ends: one that ends registered keeps its cluster undeletable for about 20 minutes.
    for status in ("ACTIVE", "DRAINING", "REGISTERING", "REGISTRATION_FAILED"):
        answer = ecs.list_container_instances(cluster=cluster, status=status)
        for arn in answer["containerInstanceArns"]:
            ecs.deregister_container_instance(cluster=cluster, containerInstance=arn, force=True)


def _terminate(name: str, stack_name: str, ec2: "EC2Client") -> None:
    there = list(find_instances(ec2, stack_name, NOT_TERMINATED, instance_name=name))
    to_end = [found["InstanceId"] for found in there if found["State"]["Name"] != "shutting-down"]
    if to_end:
        ec2.terminate_instances(InstanceIds=to_end)
    if there:
        raise InstanceStillTerminating(f"{name} ({there[0]['InstanceId']}) is shutting down.")


def _delete_cluster(cluster: str, ecs: "ECSClient") -> None:
    try:
        ecs.delete_cluster(cluster=cluster)
    except ClientError as error:
        if error_code(error) in OCCUPIED:
            raise ClusterStillOccupied(
                f"The cluster {cluster} is not empty yet: {error_code(error)}."
            ) from error
        if error_code(error) != "ClusterNotFoundException":
            raise
