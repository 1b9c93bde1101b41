"""startNodeRED: the Node-RED task on a machine that has joined the cluster; then, whether it has stopped."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws import tags
from lambdas.aws.clients import ec2_client, ecs_client, make_as_lambda_starts, named_aws_errors
from lambdas.aws.cluster import CLUSTER_GONE, UNSATISFIED, only_on, registered, stopped_reason
from lambdas.aws.errors import error_code, error_message
from lambdas.aws.instances import ALIVE, find_instances
from lambdas.aws.machine_errors import (
    InstanceGone,
    InstanceNotRegistered,
    NodeREDNotReady,
    NodeREDStopped,
    TaskNotPlaced,
)
from lambdas.aws.metricbeat import start_metricbeat
from lambdas.modules.catalogue import Engine
from lambdas.node_red.task_overrides import task_overrides
from lambdas.production.events import MachineEvent
from lambdas.runtime import polling
from lambdas.runtime.entry import Result, entry_point, require
from lambdas.runtime.polling import poll
from lambdas.runtime.settings import TaskSettings
from lambdas.runtime.timestamps import from_iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

# Words of RunTask's InvalidParameterException that pass by themselves.
NOT_YET = (
    # Right after a machine registered RunTask may not see it, ECS being eventually consistent:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
    "No Container Instances were found in your cluster",
    # The first call in a new account makes ECS's own role, and fails meanwhile:
    # https://github.com/awslabs/fargatecli/issues/35
    "Unable to assume the service linked role",
)

LONGEST_START = timedelta(minutes=10)
"""From a task's start until Node-RED answers: a machine pulls its image in a minute."""

JUST_AFTER_SECONDS = 0.1
"""What is asked just before it is so is asked again a second later."""

make_as_lambda_starts(ec2_client, ecs_client)


@entry_point
@named_aws_errors
def handler(event: MachineEvent) -> Result:
    """Start Node-RED and return its task; given the task, return how far it is.

    The state machine keeps the task's ARN, so nobody lists tasks to find it again. It asks Node-RED itself
    whether it is there; the task, only if that takes long: ECS notices a start late.

    Args:
        event: ``{"instanceName"}`` and, in a production, ``instanceId``, ``launchedAt`` (ISO 8601),
            ``engine``, ``modules`` (what the palette may install; alone, the catalogue), ``production`` and,
            once it was started, ``task``.

    Raises:
        InstanceNotRegistered: The machine has not joined its cluster yet; try again.
        InstanceGone, TaskNotPlaced, NodeREDStopped, NodeREDNotReady: Waiting does not help.
    """
    require(event, ["instanceName"])
    settings, now = TaskSettings.from_env(), datetime.now(UTC)
    task = NodeREDTask(event, settings, ec2_client(), ecs_client())
    if event.get("task"):
        return task.progress(now)
    try:
        return poll(
            task.start,
            InstanceNotRegistered,
            polling.AWS,
            expected_in=joins_in(event, settings.join_seconds, now),
        )
    except InstanceNotRegistered:
        task.check_still_there()
        raise


def joins_in(event: MachineEvent, join_seconds: float, now: datetime) -> float:
    """Return the seconds until a machine is expected in its cluster; below zero, it is late."""
    if "launchedAt" not in event:
        return 0
    return join_seconds + JUST_AFTER_SECONDS - (now - from_iso(event["launchedAt"])).total_seconds()


class NodeREDTask:
    """Node-RED's task on one machine."""

    def __init__(
        self, event: MachineEvent, settings: TaskSettings, ec2: "EC2Client", ecs: "ECSClient"
    ) -> None:
        """Take the event of the handler."""
        self._event, self._settings = event, settings
        self._name: str = event["instanceName"]
        self._ec2, self._ecs = ec2, ecs

    def start(self) -> Result:
        """Run the task, and Metricbeat's beside it; return the ARNs."""
        instance_id = self._instance_id()
        task = self._run(instance_id)
        start_metricbeat(self._event, instance_id, self._settings, self._ecs)
        return self._told(task)

    def progress(self, now: datetime) -> Result:
        """Return the ARNs of the task that the event names, and its ``lastStatus``.

        Raises:
            NodeREDStopped: It has ended.
            NodeREDNotReady: It was started too long ago to go on waiting.
        """
        arn = self._event["task"]["taskArn"]
        found = self._ecs.describe_tasks(cluster=self._settings.cluster, tasks=[arn])["tasks"]
        if not found:  # ECS is eventually consistent: what RunTask has just answered may not be found yet
            return self._told(self._event["task"]) | {"lastStatus": "UNKNOWN"}
        task: Any = found[0]
        if task["lastStatus"] in ("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"):
            raise NodeREDStopped(f"Node-RED on {self._name} stopped: {stopped_reason(task)}.")
        if now - task["createdAt"] > LONGEST_START:
            health = task.get("healthStatus", "UNKNOWN")
            minutes = LONGEST_START.total_seconds() / 60
            raise NodeREDNotReady(
                f"Node-RED on {self._name} does not answer after {minutes:.0f} minutes; its task is "
                f"{task['lastStatus']}, its health {health}."
            )
        return self._told(task) | {"lastStatus": task["lastStatus"]}

    def _told(self, task: Any) -> Result:
        return {
            "instanceName": self._name,
            "clusterName": self._settings.cluster,
            "taskArn": task["taskArn"],
            "containerInstanceArn": task["containerInstanceArn"],
        }

    def _run(self, instance_id: str) -> Any:
        hosts = registered(self._settings.cluster, [instance_id], self._ecs)
        if not hosts:
            raise InstanceNotRegistered(f"{self._name} has not joined its cluster yet.")
        try:
            answer = self._ecs.run_task(**self._request(instance_id))
        except ClientError as error:
            if any(words in error_message(error) for words in NOT_YET):
                raise InstanceNotRegistered(
                    f"ECS does not run tasks on {self._name} yet: {error_message(error)}"
                ) from error
            if error_code(error) == CLUSTER_GONE:
                raise InstanceGone(f"There is no cluster {self._settings.cluster}; deploy again.") from error
            raise
        if not answer["tasks"]:
            # Every other machine of the cluster is in the failures, too, not only the one that is asked for.
            self._refuse([one.get("reason", "") for one in answer["failures"] if one.get("arn") in hosts])
        return answer["tasks"][0]

    def _refuse(self, reasons: list[str]) -> None:
        message = ", ".join(reasons) or UNSATISFIED
        if all("AGENT" in reason or UNSATISFIED in reason for reason in reasons):
            raise InstanceNotRegistered(f"ECS does not place tasks on {self._name} yet ({message}).")
        raise TaskNotPlaced(f"ECS could not place Node-RED on {self._name}: {message}.")

    def _request(self, instance_id: str) -> Any:
        ownership: Mapping[str, Any] = self._event.get("production") or {}
        return {
            "cluster": self._settings.cluster,
            "taskDefinition": self._definition(),
            "count": 1,
            "launchType": "EC2",
            "placementConstraints": [only_on(instance_id)],
            "startedBy": "organist",
            # A machine runs one Node-RED in its life: the same token is the same task.
            "clientToken": hashlib.sha256(f"{self._name}{instance_id}".encode()).hexdigest(),
            "overrides": task_overrides(self._event, self._settings.secret),
            "tags": [
                {"key": tags.STACK, "value": self._settings.stack_name},
                {"key": tags.PRODUCTION, "value": ownership.get("productionId", "none")},
            ],
        }

    def _definition(self) -> str:
        dynamorse = self._event.get("engine") == Engine.DYNAMORSE
        return self._settings.dynamorse_task_definition if dynamorse else self._settings.task_definition

    def _instance_id(self) -> str:
        if "instanceId" in self._event:
            return str(self._event["instanceId"])
        found = next(
            find_instances(self._ec2, self._settings.stack_name, ALIVE, instance_name=self._name), None
        )
        if found is None:
            raise InstanceGone(f"There is no machine {self._name}; newInstance launches one.")
        return found["InstanceId"]

    def check_still_there(self) -> None:
        """Raise ``InstanceGone`` if the machine has ended."""
        instances = list(find_instances(self._ec2, self._settings.stack_name, instance_name=self._name))
        # Right after a launch EC2 may not list the instance yet: only one that is seen to end is gone.
        if instances and all(instance["State"]["Name"] not in ALIVE for instance in instances):
            reason = instances[0].get("StateTransitionReason") or "no reason given"
            raise InstanceGone(f"{self._name} ended before it joined its cluster: {reason}.")
