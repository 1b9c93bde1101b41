"""terminateInstance: task, container instance, machine and cluster of one name, gone; or gone already."""

from typing import TYPE_CHECKING, Any

from lambdas.aws import ec2_client, ecs_client, named_aws_errors
from lambdas.clusters import cluster_owner
from lambdas.entry import Event, Result, entry_point, require
from lambdas.instances import NOT_TERMINATED, find_instances
from lambdas.machine_errors import InstanceStillTerminating, TaskStillStopping
from lambdas.machine_removal import delete_cluster, deregister, stop_tasks, terminate
from lambdas.settings import StackSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient


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
    has_cluster = cluster_owner(name, ecs) == stack_name
    if has_cluster:
        # Stopped first and on its own, so that the recording is finished before the machine goes.
        _wait_for_tasks(name, stop_tasks(name, ecs), ecs)
        deregister(name, ecs)
    there = list(find_instances(ec2, stack_name, NOT_TERMINATED, instance_name=name))
    terminate(there, ec2)
    if there:
        raise InstanceStillTerminating(f"{name} ({there[0]['InstanceId']}) is shutting down.")
    if has_cluster:
        delete_cluster(name, ecs)
    ended = [instance["InstanceId"] for instance in find_instances(ec2, stack_name, instance_name=name)]
    return {
        "instanceName": name,
        "instanceIds": ended,
        "clusters": [name] if has_cluster else [],
    }


def _wait_for_tasks(cluster: str, tasks: list[Any], ecs: "ECSClient") -> None:
    going = [task for task in tasks if task["lastStatus"] != "STOPPED" and _can_report(cluster, task, ecs)]
    if going:
        raise TaskStillStopping(f"A task on {cluster} is {going[0]['lastStatus']}.")


def _can_report(cluster: str, task: Any, ecs: "ECSClient") -> bool:
    """Tell whether the task's machine can still say that the task ended: a dead one never will."""
    arn = task.get("containerInstanceArn")
    if not arn:
        return False
    answer = ecs.describe_container_instances(cluster=cluster, containerInstances=[arn])
    return any(found["agentConnected"] for found in answer["containerInstances"])
