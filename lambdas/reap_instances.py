"""reapInstances: whatever outlived its execution or its expiry is removed, its recording completed."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from lambdas.aws.clients import (
    ec2_client,
    ecs_client,
    make_as_lambda_starts,
    named_aws_errors,
    s3_client,
    sfn_client,
)
from lambdas.aws.cluster import registered
from lambdas.aws.errors import name_aws_error
from lambdas.aws.machine_removal import deregister, stop_tasks, terminate
from lambdas.aws.orphans import (
    RUNNING,
    FoundMachine,
    LeftRecording,
    execution_status,
    find_dead_container_instances,
    find_left_recordings,
    find_machines,
    why_orphaned,
)
from lambdas.recording.afterwards import Completed, Made, complete
from lambdas.recording.completion import RECOVERED
from lambdas.runtime.entry import Event, Result, entry_point, logger
from lambdas.runtime.errors import OrganistError
from lambdas.runtime.metrics import publish
from lambdas.runtime.settings import ClusterSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

STATUS_CHANGE = "Step Functions Execution Status Change"

make_as_lambda_starts(ec2_client, ecs_client, sfn_client, s3_client)


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Remove orphans.

    Args:
        event: EventBridge's status change of an execution (then only what that execution started is looked
            at), a schedule's, or ``{"dryRun": true}``, which removes nothing.
    """
    settings = ClusterSettings.from_env()
    clients = Clients(ec2_client(), ecs_client(), sfn_client(), s3_client())
    reaper = Reaper(settings, clients, lambda: datetime.now(UTC))
    ended = event.get("detail", {}) if event.get("detail-type") == STATUS_CHANGE else {}
    report = reaper.reap(ended.get("executionArn", ""), dry_run=bool(event.get("dryRun")))
    _log(report)
    return report


@dataclass(frozen=True)
class Clients:
    """What the reaper calls."""

    ec2: "EC2Client"
    ecs: "ECSClient"
    sfn: "SFNClient"
    s3: "S3Client"


class Reaper:
    """Finds and removes orphans of one stack.

    Args:
        clock: Gives the present moment, with its time zone.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        clients: Clients,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._ec2, self._ecs, self._sfn, self._s3 = clients.ec2, clients.ecs, clients.sfn, clients.s3
        self._clock = clock
        self._refused: list[dict[str, str]] = []

    def reap(self, execution_arn: str = "", *, dry_run: bool = False) -> Result:
        """Return what was kept, what was removed (or would be), and what AWS refused.

        Args:
            execution_arn: Narrows it to what one execution started.
            dry_run: Remove nothing, only return what would be removed.
        """
        machines = find_machines(self._settings.stack_name, self._ec2, execution_arn)
        removed = [removal for machine in machines if (removal := self._judge(machine, dry_run=dry_run))]
        names = {removal["instanceName"] for removal in removed}
        if not dry_run:
            self._clear_cluster()
        recovered = [] if dry_run else self._complete_recordings(execution_arn)
        return {
            "kept": [machine.name for machine in machines if machine.name not in names],
            "removed": removed,
            "recovered": recovered,
            "refused": self._refused,
            "dryRun": dry_run,
        }

    def _judge(self, machine: FoundMachine, *, dry_run: bool) -> dict[str, Any] | None:
        reason = self._attempt(machine, "look at its execution", lambda: self._why(machine))
        # Twice, because an execution that is being redriven runs again a moment later.
        if reason is None or self._attempt(machine, "look again", lambda: self._why(machine)) is None:
            return None
        removal: dict[str, Any] = {
            "instanceName": machine.name,
            "reason": reason,
            "expiresAt": machine.expires_at,
        }
        removal["instanceIds"] = [instance["InstanceId"] for instance in machine.instances]
        if not dry_run:
            self._remove(machine)
        return removal

    def _why(self, machine: FoundMachine) -> str | None:
        return why_orphaned(machine, self._sfn, self._clock())

    def _remove(self, machine: FoundMachine) -> None:
        cluster, ids = self._settings.cluster, [found["InstanceId"] for found in machine.instances]
        hosts = self._attempt(machine, "find it in ECS", lambda: registered(cluster, ids, self._ecs)) or []
        self._attempt(machine, "stop its tasks", lambda: stop_tasks(cluster, hosts, self._ecs))
        self._attempt(machine, "deregister it", lambda: deregister(cluster, hosts, self._ecs))
        self._attempt(machine, "terminate it", lambda: terminate(machine.instances, self._ec2))

    def _clear_cluster(self) -> None:
        cluster, nobodys = self._settings.cluster, FoundMachine("")
        dead = self._attempt(
            nobodys,
            "look for dead machines in ECS",
            lambda: find_dead_container_instances(self._settings, self._ec2, self._ecs),
        )
        self._attempt(nobodys, "deregister dead machines", lambda: deregister(cluster, dead or [], self._ecs))

    def _complete_recordings(self, execution_arn: str) -> list[str]:
        """What a machine could not finish, once it has ended; return what was completed now or before."""
        nobodys = FoundMachine("")
        found = self._attempt(
            nobodys,
            "look for recordings",
            lambda: find_left_recordings(self._settings.stack_name, self._ec2, execution_arn),
        )
        done: list[Completed] = []
        for one in found or []:
            step = f"complete {one.location or one.publication}"
            completed = self._attempt(nobodys, step, functools.partial(self._complete, one))
            done += [completed] if completed else []
        recorded = [file for one in done for file in (*one["files"], *one["sourceFiles"])]
        published = [one["published"] for one in done if one["published"]]
        return [one["location"] for one in (*recorded, *published) if one["state"] == RECOVERED]

    def _complete(self, left: LeftRecording) -> Completed | None:
        # A running execution completes it by itself.
        if execution_status(left.execution_arn, self._sfn) in RUNNING:
            return None
        return complete(Made(left.location, left.sources, left.publication, left.production_id), self._s3)

    def _attempt(self, machine: FoundMachine, step: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            named: OrganistError = name_aws_error(error)
        except OrganistError as error:
            named = error
        refusal = {
            "instanceName": machine.name,
            "step": step,
            "error": type(named).__name__,
            "cause": str(named),
        }
        logger.warning("refused", extra=refusal)
        self._refused.append(refusal)
        return None


def _log(report: Result) -> None:
    if report["dryRun"]:
        return
    for removal in report["removed"]:
        logger.warning("orphan removed", extra={"orphan": removal})
    publish({"OrphansReaped": len(report["removed"]), "ReaperRefused": len(report["refused"])})
