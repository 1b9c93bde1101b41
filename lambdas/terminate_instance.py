"""terminateInstance: task, container instance and machine of one name, gone; or gone already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from lambdas.aws.clients import ec2_client, ecs_client, make_as_lambda_starts, named_aws_errors
from lambdas.aws.cluster import registered
from lambdas.aws.errors import name_aws_error
from lambdas.aws.instances import ALIVE, find_instances
from lambdas.aws.machine_errors import InstanceStillTerminating, MachineNotStopped, TaskStillStopping
from lambdas.aws.machine_removal import deregister, stop_task, stop_tasks, terminate
from lambdas.production.events import MachineEvent, TaskArns
from lambdas.runtime import polling
from lambdas.runtime.entry import Result, entry_point, logger, require
from lambdas.runtime.errors import Kind
from lambdas.runtime.polling import poll
from lambdas.runtime.settings import ClusterSettings
from lambdas.runtime.timestamps import from_iso

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

# So long a task may take to end, and a refusal to pass; then the machine goes all the same. The task's own
# stopTimeout is 120 s at the most (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html).
PATIENCE = timedelta(seconds=150)

make_as_lambda_starts(ec2_client, ecs_client)


@entry_point
@named_aws_errors
def handler(event: MachineEvent) -> Result:
    """Remove a machine and everything that belongs to it, as far as it can be done now.

    Args:
        event: ``{"instanceName"}`` and, in a production, ``task`` with ``taskArn`` and
            ``containerInstanceArn`` once they are known, and ``since``, when the teardown began (ISO 8601).

    Raises:
        TaskStillStopping, InstanceStillTerminating: AWS is at it; try again.
        MachineNotStopped: The machine ends, but AWS refused a step before.
    """
    require(event, ["instanceName"])
    settings = ClusterSettings.from_env()

    removal = Removal(event, settings, ec2_client(), ecs_client())

    def look() -> Result:
        return removal.go_on(patient=is_patient(event, datetime.now(UTC)))

    def look_for_its_end() -> Result:
        return poll(look, InstanceStillTerminating, polling.TERMINATION)

    return poll(look_for_its_end, TaskStillStopping, polling.AWS)


def is_patient(event: MachineEvent, now: datetime) -> bool:
    """Return whether the task may still take its time: a person who calls without ``since`` decides alone."""
    return "since" not in event or now - from_iso(event["since"]) < PATIENCE


@dataclass
class Removal:
    """The removal of one machine, as far as one call takes it; no look does what one before has done."""

    event: MachineEvent
    settings: ClusterSettings
    ec2: "EC2Client"
    ecs: "ECSClient"
    _refused: list[str] = field(default_factory=list, init=False)
    _stopping: list[str] = field(default_factory=list, init=False)
    _have_stopped: bool = field(default=False, init=False)

    def go_on(self, *, patient: bool) -> Result:
        """Take the next steps towards nothing being left of the machine; return what was removed.

        Args:
            patient: The machine waits for its task, so that what it records is finished, and for a refusal
                that passes. Without patience it is ended first, whatever its task does.
        """
        name = self.event["instanceName"]
        if patient and self._stopping:
            self._look_at_tasks()
        found = list(find_instances(self.ec2, self.settings.stack_name, instance_name=name))
        there = [one for one in found if one["State"]["Name"] != "terminated"]
        if patient:
            self._leave_cluster(found)
            terminate(there, self.ec2)
        else:
            terminate(there, self.ec2)
            self._leave_cluster(found)
        if self._refused:
            raise MachineNotStopped(
                f"{name} is being ended, but not in good order: {'; '.join(self._refused)}"
            )
        if there:
            raise InstanceStillTerminating(f"{name} ({there[0]['InstanceId']}) is shutting down.")
        return {"instanceName": name, "instanceIds": [one["InstanceId"] for one in found]}

    def _leave_cluster(self, found: Sequence[Any]) -> None:
        alive = any(one["State"]["Name"] in ALIVE for one in found)
        if not alive and any(one["State"]["Name"] != "terminated" for one in found):
            return  # on its way out: what there was to do was done before
        ids = [one["InstanceId"] for one in found]
        known = (self.event.get("task") or {}) if alive else {}
        hosts = [known["containerInstanceArn"]] if known else None
        if hosts is None:
            hosts = self._attempt(lambda: registered(self.settings.cluster, ids, self.ecs)) or []
        if not self._have_stopped:
            self._wait_for_tasks(self._attempt(lambda: self._stop(known, hosts)) or [])
        self._attempt(lambda: deregister(self.settings.cluster, hosts, self.ecs))

    def _stop(self, known: TaskArns, hosts: Sequence[str]) -> list[Any]:
        if not known:
            return stop_tasks(self.settings.cluster, hosts, self.ecs)
        task = stop_task(self.settings.cluster, known["taskArn"], self.ecs)
        return [] if task is None else [task]

    def _wait_for_tasks(self, tasks: Sequence[Any]) -> None:
        going = [task for task in tasks if task["lastStatus"] != "STOPPED"]
        if going and self._attempt(lambda: any(map(self._can_report, going))):
            self._stopping = [task["taskArn"] for task in going]
            raise self._still(going)

    def _look_at_tasks(self) -> None:
        answer = self._attempt(
            lambda: self.ecs.describe_tasks(cluster=self.settings.cluster, tasks=self._stopping)
        )
        if going := [task for task in (answer or {"tasks": []})["tasks"] if task["lastStatus"] != "STOPPED"]:
            raise self._still(going)
        self._stopping, self._have_stopped = [], True

    def _still(self, going: Sequence[Any]) -> TaskStillStopping:
        return TaskStillStopping(f"A task on {self.event['instanceName']} is {going[0]['lastStatus']}.")

    def _can_report(self, task: Any) -> bool:
        """Whether the task's machine can still say that the task ended: a dead one never will."""
        arn = task.get("containerInstanceArn")
        if not arn:
            return False
        answer = self.ecs.describe_container_instances(
            cluster=self.settings.cluster, containerInstances=[arn]
        )
        return any(found["agentConnected"] for found in answer["containerInstances"])

    def _attempt(self, step: Callable[[], Any]) -> Any:
        """Return what a step returns, None where AWS refused it for good; what may pass is raised."""
        try:
            return step()
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            named = name_aws_error(error)
            if named.kind is Kind.RETRY:
                raise named from error
            logger.warning("refused", extra={"instanceName": self.event["instanceName"], "cause": str(named)})
            self._refused.append(f"{type(named).__name__}: {named}")
            return None
