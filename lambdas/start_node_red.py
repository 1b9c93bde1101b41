"""startNodeRED: the Node-RED task on a machine that has joined its cluster, once its health check passes."""

import hashlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas import machine_secrets as secrets
from lambdas import tags
from lambdas.aws import ec2_client, ecs_client, named_aws_errors
from lambdas.aws_errors import error_code
from lambdas.clusters import check_owner
from lambdas.entry import Event, Result, entry_point, require
from lambdas.instances import ALIVE, find_instances
from lambdas.machine_errors import (
    InstanceGone,
    InstanceNotRegistered,
    NodeREDNotReady,
    NodeREDStopped,
    TaskNotPlaced,
)
from lambdas.metricbeat import start_metricbeat
from lambdas.module_catalogue import Engine, catalogue, modules_to_install
from lambdas.settings import TaskSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

CONTAINER = "Node-RED"  # the name in both task definitions of tasks/


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Start Node-RED, or look how far it is.

    Parameters: ``event`` is ``{"instanceName"}`` and, in a production, ``engine``, ``modules`` (what the
    palette may install; alone, the catalogue) and ``production``.
    Raises: ``InstanceNotRegistered`` and ``NodeREDNotReady`` while it is not yet time; ``InstanceGone``,
    ``InstanceNameTaken``, ``TaskNotPlaced`` and ``NodeREDStopped`` when waiting does not help.
    """
    require(event, ["instanceName"])
    return start_node_red(event, TaskSettings.from_env(), ec2_client(), ecs_client())


def start_node_red(event: Event, settings: TaskSettings, ec2: "EC2Client", ecs: "ECSClient") -> Result:
    """Give the Node-RED task once it is healthy; start it first if it is not there."""
    name, family = event["instanceName"], _task_definition(event, settings)
    task = _find_task(ecs, name, family) or _run_task(event, family, settings, ec2, ecs)
    if task["lastStatus"] in ("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"):
        raise NodeREDStopped(f"Node-RED on {name} stopped: {stopped_reason(task)}.")
    if task["lastStatus"] != "RUNNING" or task.get("healthStatus") != "HEALTHY":
        health = task.get("healthStatus", "UNKNOWN")
        raise NodeREDNotReady(f"Node-RED on {name} is {task['lastStatus']}, its health {health}.")
    start_metricbeat(event, task["containerInstanceArn"], settings, ecs)
    return {"instanceName": name, "clusterName": name, "taskArn": task["taskArn"], "healthStatus": "HEALTHY"}


def stopped_reason(task: Any) -> str:
    """Give why a task stopped, in ECS's words and with the container's exit code."""
    exits = [
        f"{container['name']} exited with {container['exitCode']}"
        for container in task.get("containers", [])
        if container.get("exitCode") is not None
    ]
    reasons = [container["reason"] for container in task.get("containers", []) if container.get("reason")]
    return "; ".join([task.get("stoppedReason") or "no reason given", *exits, *reasons])


def _task_definition(event: Event, settings: TaskSettings) -> str:
    dynamorse = event.get("engine") == Engine.DYNAMORSE
    return settings.dynamorse_task_definition if dynamorse else settings.task_definition


def _find_task(ecs: "ECSClient", cluster: str, family: str) -> Any | None:
    try:
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=cluster, family=family, desiredStatus=status)["taskArns"]
        ]
    except ClientError as error:
        if error_code(error) == "ClusterNotFoundException":
            raise InstanceGone(
                f"There is no cluster {cluster}; expected the one newInstance makes."
            ) from error
        raise
    if not arns:
        return None
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    return tasks[0] if tasks else None


def _run_task(event: Event, family: str, settings: TaskSettings, ec2: "EC2Client", ecs: "ECSClient") -> Any:
    name = event["instanceName"]
    container_instances = ecs.list_container_instances(cluster=name, status="ACTIVE")["containerInstanceArns"]
    if not container_instances:
        _check_still_there(ec2, settings.stack_name, name)
        raise InstanceNotRegistered(f"{name} has not joined its cluster yet.")
    check_owner(name, settings.stack_name, ecs)
    ownership = event.get("production") or {}
    answer = ecs.run_task(
        cluster=name,
        taskDefinition=family,
        count=1,
        launchType="EC2",
        startedBy="organist",
        # A machine runs one Node-RED in its life: the same token is the same task.
        clientToken=hashlib.sha256(f"{name}{container_instances[0]}".encode()).hexdigest(),
        overrides={"containerOverrides": [{"name": CONTAINER, "environment": _environment(event, settings)}]},
        tags=[
            {"key": tags.STACK, "value": settings.stack_name},
            {"key": tags.PRODUCTION, "value": ownership.get("productionId", "none")},
        ],
    )
    if answer["failures"]:
        reasons = ", ".join(failure.get("reason", "unknown") for failure in answer["failures"])
        if "AGENT" in reasons:
            raise InstanceNotRegistered(f"The ECS agent of {name} is not connected yet ({reasons}).")
        raise TaskNotPlaced(f"ECS could not place Node-RED on {name}: {reasons}.")
    return answer["tasks"][0]


def _check_still_there(ec2: "EC2Client", stack_name: str, name: str) -> None:
    instances = list(find_instances(ec2, stack_name, instance_name=name))
    # Right after a launch EC2 may not list the instance yet: only one that is seen to end is gone.
    if instances and all(instance["State"]["Name"] not in ALIVE for instance in instances):
        reason = instances[0].get("StateTransitionReason") or "no reason given"
        raise InstanceGone(f"{name} ended before it joined its cluster: {reason}.")


def _environment(event: Event, settings: TaskSettings) -> list[Any]:
    name = event["instanceName"]
    ownership = event.get("production") or {}
    variables = {
        "INSTANCE_NAME": name,
        "PRODUCTION_ID": ownership.get("productionId", ""),
        "NODE_RED_TOKEN_SHA256": secrets.sha256(secrets.node_red_token(settings.secret, name)),
        "NODE_RED_PASSWORD_SHA256": secrets.sha256(secrets.operator_password(settings.secret, name)),
        "NODE_RED_ALLOW_MODULES": ",".join(_allowed_modules(event)),
    }
    return [{"name": key, "value": value} for key, value in variables.items()]


def _allowed_modules(event: Event) -> list[str]:
    if "engine" not in event:
        return [entry.name for entry in catalogue().values()]
    return [module.name for module in modules_to_install(event.get("modules") or [], Engine(event["engine"]))]
