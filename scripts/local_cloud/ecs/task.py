"""A task and its containers, as ECS tells of them."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

Definition = dict[str, Any]
"""A task definition as DescribeTaskDefinition gives it."""


def now() -> datetime.datetime:
    """The time, as the API tells it."""
    return datetime.datetime.now(tz=datetime.UTC)


@dataclass
class Container:
    """One container of a task."""

    definition: dict[str, Any]
    arn: str
    last_status: str = "PENDING"
    health_status: str = "UNKNOWN"
    exit_code: int | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """Its name in the task definition."""
        return str(self.definition["name"])

    @property
    def essential(self) -> bool:
        """Whether the task stops when it ends."""
        return bool(self.definition.get("essential", True))

    @property
    def stop_seconds(self) -> float:
        """From SIGTERM to SIGKILL (stopTimeout; ECS's default is 30 s)."""
        return float(self.definition.get("stopTimeout") or 30)

    def describe(self, task_arn: str) -> dict[str, Any]:
        """The container as DescribeTasks gives it."""
        described: dict[str, Any] = {
            "containerArn": self.arn,
            "taskArn": task_arn,
            "name": self.name,
            "image": self.definition.get("image"),
            "lastStatus": self.last_status,
            "healthStatus": self.health_status,
            "exitCode": self.exit_code,
            "reason": self.reason,
            "networkBindings": [],
            "networkInterfaces": [],
            "cpu": str(self.definition.get("cpu", 0)),
            "memory": _text(self.definition.get("memory")),
            "memoryReservation": _text(self.definition.get("memoryReservation")),
        }
        return {name: value for name, value in described.items() if value is not None}


@dataclass
class Task:
    """One task. Only the runtime moves it; describing it never does."""

    arn: str
    cluster_arn: str
    container_instance_arn: str
    definition: Definition
    containers: list[Container]
    overrides: dict[str, Any] = field(default_factory=dict)
    started_by: str | None = None
    group: str = ""
    tags: list[dict[str, str]] = field(default_factory=list)
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    stop_code: str | None = None
    stopped_reason: str | None = None
    created_at: datetime.datetime = field(default_factory=now)
    times: dict[str, datetime.datetime] = field(default_factory=dict)
    version: int = 1

    @property
    def active(self) -> bool:
        """Whether it still counts for its cluster and holds its part of the machine."""
        return self.last_status != "STOPPED"

    @property
    def health_status(self) -> str:
        """ECS's rule: the worst of the essential containers that have a health check, else UNKNOWN."""
        states = {c.health_status for c in self.containers if c.essential and c.definition.get("healthCheck")}
        return next((state for state in ("UNHEALTHY", "UNKNOWN", "HEALTHY") if state in states), "UNKNOWN")

    def move(self, status: str) -> None:
        """Set the last status and note the time that comes with it; a stopped task stays stopped."""
        if not self.active:
            return
        self.last_status = status
        self.version += 1
        stamp = {"RUNNING": "startedAt", "STOPPING": "stoppingAt", "STOPPED": "stoppedAt"}.get(status)
        if stamp:
            self.times.setdefault(stamp, now())

    def ask_to_stop(self, code: str, reason: str) -> None:
        """Ask that it stop; the first reason stays."""
        if self.desired_status != "STOPPED":
            self.desired_status = "STOPPED"
            self.stop_code, self.stopped_reason = code, reason
            self.version += 1

    def environment(self, container: Container) -> dict[str, str]:
        """The container definition's environment with the overrides of RunTask over it."""
        own = {entry["name"]: entry["value"] for entry in container.definition.get("environment") or []}
        return own | {
            entry["name"]: entry["value"] for entry in self._override(container).get("environment") or []
        }

    def command(self, container: Container) -> list[str]:
        """The container's command; that of the overrides wins."""
        found = self._override(container).get("command") or container.definition.get("command") or []
        return [str(part) for part in found]

    def _override(self, container: Container) -> dict[str, Any]:
        for override in self.overrides.get("containerOverrides") or []:
            if override.get("name") == container.name:
                return dict(override)
        return {}

    def describe(self, *, tags: bool = False) -> dict[str, Any]:
        """The task as DescribeTasks gives it."""
        described: dict[str, Any] = {
            "taskArn": self.arn,
            "clusterArn": self.cluster_arn,
            "containerInstanceArn": self.container_instance_arn,
            "taskDefinitionArn": self.definition["taskDefinitionArn"],
            "containers": [container.describe(self.arn) for container in self.containers],
            "overrides": self.overrides or {"containerOverrides": [], "inferenceAcceleratorOverrides": []},
            "lastStatus": self.last_status,
            "desiredStatus": self.desired_status,
            "healthStatus": self.health_status,
            "launchType": "EC2",
            "group": self.group,
            "createdAt": self.created_at,
            "startedBy": self.started_by,
            "stopCode": self.stop_code,
            "stoppedReason": self.stopped_reason,
            "version": self.version,
            "tags": self.tags if tags else [],
            "attachments": [],
            "attributes": [],
            **self.times,
        }
        return {name: value for name, value in described.items() if value is not None}


def new_task(
    *, region: str, account: str, cluster_name: str, container_instance_arn: str, definition: Definition
) -> Task:
    """A task of a definition on a container instance, about to be provisioned."""
    base = f"arn:aws:ecs:{region}:{account}"
    task_id = uuid.uuid4().hex
    containers = [
        Container(one, f"{base}:container/{cluster_name}/{task_id}/{uuid.uuid4()}")
        for one in definition["containerDefinitions"]
    ]
    return Task(
        arn=f"{base}:task/{cluster_name}/{task_id}",
        cluster_arn=f"{base}:cluster/{cluster_name}",
        container_instance_arn=container_instance_arn,
        definition=definition,
        containers=containers,
        group=f"family:{definition['family']}",
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
