"""One task's life on its machine: its containers' processes from PROVISIONING to STOPPED."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud.ecs.health import HealthRules, check_command, watch_health
from local_cloud.ecs.image_pulls import ImagePulls
from local_cloud.ecs.images import (
    ContainerHost,
    Image,
    container_environment,
    find_image,
)
from local_cloud.ecs.task import Container, Task, now
from local_cloud.logs.account_logs import AccountLogs, LogGroupMissingError
from local_cloud.processes import RunningProgram, StartProgram
from local_cloud.resource_tracker import ResourceTracker
from local_cloud.watchdog import Watchdog


@dataclass(frozen=True)
class Runtime:
    """What every task run needs; times in seconds."""

    images: Mapping[str, Image]
    start_program: StartProgram
    watchdog: Watchdog
    resources: ResourceTracker
    logs: AccountLogs
    pulls: ImagePulls
    placement_seconds: float
    status_seconds: float
    first_health_checks_seconds: float
    account_environment: Mapping[str, str] = field(default_factory=dict)
    """How a container reaches the account, as the SDKs read it; on AWS its role's credentials do."""


class _CannotStartError(Exception):
    """A container cannot be started; the text is ECS's reason."""


class TaskRun:
    """Runs one task in threads of its own."""

    def __init__(self, task: Task, machine: ContainerHost, instance_id: str, runtime: Runtime) -> None:
        self.task = task
        self.machine = machine
        self.instance_id = instance_id
        self._runtime = runtime
        self._stopping = threading.Event()
        self._grace_seconds: float | None = None
        self._groups: dict[str, RunningProgram] = {}
        self._thread = threading.Thread(target=self._live, name=f"task {task.arn[-8:]}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._runtime.resources.started("tasks", self.task.arn)
        self._thread.start()

    def stop(self, code: str, reason: str, grace_seconds: float | None = None) -> None:
        """Ask the task to stop; returns at once. ``grace_seconds`` is in place of the stop timeouts."""
        self.task.ask_to_stop(code, reason)
        self._grace_seconds = grace_seconds
        self._stopping.set()

    @property
    def alive(self) -> bool:
        """Whether anything of it still runs, known to ECS or not."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Wait until the task has stopped and all its processes have ended."""
        self._thread.join()

    def abandon(self, reason: str) -> None:
        """ECS forgets the task (its container instance was deregistered by force); its processes go on."""
        self.task.ask_to_stop("UserInitiated", reason)
        self.task.move("STOPPED")
        self._runtime.resources.removed("tasks", self.task.arn)

    def _live(self) -> None:
        pause = self._runtime.placement_seconds
        if not self._stopping.wait(pause):
            self.task.move("PENDING")
        watchers: list[threading.Thread] = []
        if not self._stopping.wait(pause) and self._pull_images():
            watchers = self._start_containers()
        self._stopping.wait()
        self._stop_containers()
        for watcher in watchers:
            watcher.join()
        self.task.times.setdefault("executionStoppedAt", now())
        time.sleep(self._runtime.status_seconds)
        self.task.move("STOPPED")
        self._runtime.resources.removed("tasks", self.task.arn)

    def _pull_images(self) -> bool:
        # False when the task is to stop meanwhile.
        self.task.times["pullStartedAt"] = now()
        images = (str(container.definition.get("image")) for container in self.task.containers)
        seconds = sum(self._runtime.pulls.seconds(self.machine.folder, image) for image in images)
        if self._stopping.wait(seconds):
            return False
        self.task.times["pullStoppedAt"] = now()
        return True

    def _start_containers(self) -> list[threading.Thread]:
        watchers: list[threading.Thread] = []
        try:
            for container in self.task.containers:
                watchers += self._start_container(container)
        except _CannotStartError as error:
            self.stop("TaskFailedToStart", str(error))
            return watchers
        self._stopping.wait(self._runtime.status_seconds)
        self.task.move("RUNNING")
        return watchers

    def _start_container(self, container: Container) -> list[threading.Thread]:
        image = str(container.definition.get("image"))
        found = find_image(self._runtime.images, image)
        if found is None:
            raise _CannotStartError(
                f"CannotPullContainerError: {image} is none of the local cloud's images "
                f"({', '.join(self._runtime.images)})"
            )
        self.machine.data.mkdir(parents=True, exist_ok=True)
        command = found(self.machine)
        # The machine's own address and paths win over the container's defaults (0.0.0.0, /data).
        environment = container_environment(
            self.machine,
            self._runtime.account_environment,
            self.task.environment(container),
            command.environment,
        )
        try:
            self._runtime.logs.open_container(
                container.definition, self.task.arn, container.arn, self._log_file(container.name)
            )
        except LogGroupMissingError as error:
            raise _CannotStartError(f"CannotStartContainerError: {error}") from error
        group = self._start_program(
            (*command.entry_point, *self.task.command(container)), environment, container.name
        )
        self._groups[container.name] = group
        self._runtime.resources.started("processes", str(group.group))
        container.last_status = "RUNNING"
        targets = [threading.Thread(target=self._watch_end, args=(container, group), daemon=True)]
        definition = container.definition.get("healthCheck")
        if definition:
            program = command.health_check or check_command(definition)
            targets.append(
                threading.Thread(
                    target=watch_health,
                    args=(container, HealthRules.of(definition)),
                    kwargs={
                        "check": lambda seconds: self._check(program, environment, container, seconds),
                        "stopped": self._stopping,
                        "first_seconds": self._runtime.first_health_checks_seconds,
                    },
                    daemon=True,
                )
            )
        for thread in targets:
            thread.start()
        return targets

    def _start_program(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], log_name: str
    ) -> RunningProgram:
        try:
            return self._runtime.start_program(
                arguments,
                watchdog=self._runtime.watchdog,
                environment=environment,
                directory=self.machine.data,
                log_file=self._log_file(log_name),
            )
        except OSError as error:
            raise _CannotStartError(f"CannotStartContainerError: {error}") from error

    def _log_file(self, name: str) -> Path:
        return self.machine.folder / "logs" / f"{name}.log"

    def _check(
        self, program: tuple[str, ...], environment: Mapping[str, str], container: Container, seconds: float
    ) -> bool:
        try:
            group = self._start_program(program, environment, f"{container.name}-health")
        except _CannotStartError:
            return False  # as with Docker: a check that cannot run is a check that failed
        return group.wait_within(seconds) == 0

    def _watch_end(self, container: Container, group: RunningProgram) -> None:
        container.exit_code = group.wait()
        self._runtime.logs.close_container(self._log_file(container.name))
        container.last_status = "STOPPED"
        container.health_status = "UNKNOWN"
        self._runtime.resources.removed("processes", str(group.group))
        if container.essential and not self._stopping.is_set():
            self.stop("EssentialContainerExited", "Essential container in task exited")

    def _stop_containers(self) -> None:
        self.task.move("STOPPING")
        for container in reversed(self.task.containers):
            group = self._groups.get(container.name)
            if group is None:
                container.last_status = "STOPPED"
            else:
                group.stop(container.stop_seconds if self._grace_seconds is None else self._grace_seconds)
