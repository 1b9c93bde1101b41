"""One machine's life: pending, running, joined to its cluster, ended."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from local_cloud.ec2.instance import InstanceRecord, InstanceState
from local_cloud.ec2.user_data import read_user_data
from local_cloud.ecs.errors import ClusterNotFound
from local_cloud.ecs.images import ContainerHost
from local_cloud.ecs.instances import Host
from local_cloud.ecs.placement import Resources
from local_cloud.ecs.service import ContainerService
from local_cloud.iam.authorizer import AccessDenied
from local_cloud.resource_tracker import ResourceTracker

AGENT_MEMORY_SHARE = 0.95
"""Part of a machine's memory that its agent registers: the kernel and Docker keep the rest (m4.large: 7,764
of 8,192 MiB, "Amazon ECS Linux container instance memory management")."""
CPU_UNITS_PER_VCPU = 1024

MayJoin = Callable[[str, str], None]
"""Raises ``AccessDenied`` if the role of an ARN may not do in a cluster what an ECS agent does there."""


@dataclass(frozen=True)
class HostTimes:
    """How long a machine takes for what it does, in seconds (see ``LocalCloudSettings``)."""

    boot: float
    join: float
    stop: float
    terminate: float
    departure: float
    shutdown_minute: float


class MachineHost:
    """Runs one machine in a thread of its own."""

    def __init__(
        self,
        record: InstanceRecord,
        machine: ContainerHost,
        service: ContainerService,
        times: HostTimes,
        resources: ResourceTracker,
        may_join: MayJoin,
    ) -> None:
        self.record = record
        self._may_join = may_join
        self.machine = machine
        self._service = service
        self._times = times
        self._resources = resources
        self._user_data = read_user_data(record.facts.user_data)
        self._ending = threading.Event()
        self._end_at_once = threading.Event()
        self._terminates = True
        self._thread = threading.Thread(target=self._live, name=f"machine {machine.name}", daemon=True)

    def start(self) -> None:
        """Begin to boot; returns at once."""
        self._resources.started("instances", self.record.facts.instance_id)
        self._thread.start()

    def end(self, *, terminate: bool) -> None:
        """Switch the machine off; returns at once, with EC2 showing it as shutting down or stopping."""
        if self.record.state in (InstanceState.TERMINATED, InstanceState.STOPPED):
            if terminate:
                self._finish(InstanceState.TERMINATED)
            return
        self._terminates = terminate
        self.record.set_state(InstanceState.SHUTTING_DOWN if terminate else InstanceState.STOPPING)
        self._ending.set()

    def end_now(self) -> None:
        """Switch it off without any of the waiting that only imitates Amazon; returns when all has ended."""
        self._end_at_once.set()
        self.end(terminate=True)
        self._thread.join()

    def _live(self) -> None:
        if not self._ending.wait(self._times.boot):
            self.record.set_state(InstanceState.RUNNING)
            self._run()
        self._switch_off()

    def _run(self) -> None:
        minutes = self._user_data.shutdown_minutes
        timer = math.inf if minutes is None else time.monotonic() + minutes * self._times.shutdown_minute
        if self._user_data.image:
            self._service.begin_to_pull(self.machine.folder, self._user_data.image)
        self._join_cluster(timer)
        if not self._wait_for_end(timer):
            self.end(terminate=self.record.facts.ends_by_terminating)

    def _join_cluster(self, timer: float) -> None:
        cluster = self._user_data.cluster
        while cluster and time.monotonic() < timer and not self._ending.wait(self._times.join):
            try:
                self._may_join(self.record.facts.role, cluster)
                self._service.register(cluster, self._as_container_host())
            except (ClusterNotFound, AccessDenied) as refused:
                # The real agent, too, tries until its cluster is there and it may join it.
                self._log_agent(str(refused))
                continue
            return

    def _log_agent(self, line: str) -> None:
        log = self.machine.folder / "logs" / "ecs-agent.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(f"{line}\n")

    def _wait_for_end(self, timer: float) -> bool:
        left = timer - time.monotonic()
        return self._ending.wait(None if left == math.inf else max(0.0, left))

    def _as_container_host(self) -> Host:
        facts = self.record.facts
        return Host(
            instance_id=facts.instance_id,
            instance_type=facts.instance_type,
            image_id=facts.image_id,
            availability_zone=facts.availability_zone,
            resources=Resources(
                cpu=facts.vcpus * CPU_UNITS_PER_VCPU, memory=int(facts.memory * AGENT_MEMORY_SHARE)
            ),
            machine=self.machine,
        )

    def _switch_off(self) -> None:
        least = time.monotonic() + self._times.terminate
        grace = 0.0 if self._end_at_once.is_set() else self._times.stop
        for run in self._service.lose_host(self.record.facts.instance_id, grace):
            run.wait()
        self._end_at_once.wait(max(0.0, least - time.monotonic()))
        self._finish(InstanceState.TERMINATED if self._terminates else InstanceState.STOPPED)
        self._end_at_once.wait(self._times.departure)
        self._service.forget_host(self.record.facts.instance_id)

    def _finish(self, state: InstanceState) -> None:
        self.record.set_state(state)
        if state is InstanceState.TERMINATED:
            self._resources.removed("instances", self.record.facts.instance_id)
