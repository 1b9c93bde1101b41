"""What ECS remembers: clusters, container instances and tasks, and how to find them."""

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local_cloud.ecs.errors import ClusterNotFound
from local_cloud.ecs.instances import ContainerInstance
from local_cloud.ecs.placement import Resources, taken
from local_cloud.ecs.task_run import TaskRun
from local_cloud.resource_tracker import ResourceTracker

Thing = TypeVar("Thing")
Parameters = dict[str, Any]
"""An operation's parameters, with the API's names."""
Answer = dict[str, Any]
"""An operation's answer, with the API's names."""


@dataclass
class Cluster:
    """A cluster; it stays as INACTIVE after its deletion."""

    name: str
    arn: str
    tags: list[dict[str, str]]
    status: str = "ACTIVE"
    identity: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def active(self) -> bool:
        """Whether it can still be used."""
        return self.status == "ACTIVE"


class ClusterState:
    """The memory of one account's ECS in one region. Hold ``lock`` while reading or writing it."""

    def __init__(self, *, region: str, account: str, resources: ResourceTracker) -> None:
        self.lock = threading.RLock()
        self.region = region
        self.account = account
        self.resources = resources
        self.clusters: dict[str, Cluster] = {}
        self.instances: dict[str, ContainerInstance] = {}
        self.runs: dict[str, TaskRun] = {}

    def arn(self, kind: str, *parts: str) -> str:
        """The ARN of a thing of that kind."""
        return f"arn:aws:ecs:{self.region}:{self.account}:{kind}/{'/'.join(parts)}"

    def cluster(self, reference: str | None) -> Cluster:
        """The ACTIVE cluster of a name or an ARN; ``ClusterNotFound``."""
        cluster = self.clusters.get(short(reference or "default"))
        if cluster is None or not cluster.active:
            raise ClusterNotFound
        return cluster

    def instances_of(self, cluster: Cluster) -> list[ContainerInstance]:
        """The container instances that are registered in a cluster."""
        return [one for one in self.instances.values() if one.cluster_name == cluster.name]

    def instance(self, cluster: Cluster, reference: str) -> ContainerInstance | None:
        """The container instance of an id or an ARN."""
        return next((one for one in self.instances_of(cluster) if short(one.arn) == short(reference)), None)

    def runs_of(self, cluster: Cluster) -> list[TaskRun]:
        """The tasks of a cluster, the stopped ones too."""
        return [run for run in self.runs.values() if run.task.cluster_arn == cluster.arn]

    def active_on(self, instance: ContainerInstance) -> list[TaskRun]:
        """The tasks that hold a part of a container instance."""
        return [
            run
            for run in self.runs.values()
            if run.task.container_instance_arn == instance.arn and run.task.active
        ]

    def run(self, cluster: Cluster, reference: str) -> TaskRun | None:
        """The task of an id or an ARN."""
        return next((run for run in self.runs_of(cluster) if short(run.task.arn) == short(reference)), None)

    def used_on(self, instance: ContainerInstance) -> Resources:
        """What the tasks on a container instance take of it."""
        return taken(run.task.definition for run in self.active_on(instance))

    def remove(self, instance: ContainerInstance) -> None:
        """Forget a container instance."""
        if self.instances.pop(instance.arn, None) is not None:
            self.resources.removed("container instances", instance.arn)


def short(reference: str) -> str:
    """The name or id at the end of an ARN, or the reference itself."""
    return reference.rsplit("/", 1)[-1]


def find_each(
    references: Iterable[str], find: Callable[[str], Thing | None], arn: Callable[[str], str]
) -> tuple[list[Thing], list[dict[str, str]]]:
    """What a Describe call is asked for: what is there, and a failure for each that is not.

    Args:
        references: Names, ids or ARNs.
        find: Returns what a reference means, or None.
        arn: Returns the ARN that stands in the failure, of a name or id.
    """
    looked_up = [(reference, find(reference)) for reference in references]
    found = [thing for _, thing in looked_up if thing is not None]
    absent = [short(reference) for reference, thing in looked_up if thing is None]
    return found, [{"arn": arn(name), "reason": "MISSING"} for name in absent]


def count_by_state(runs: list[TaskRun]) -> dict[str, int]:
    """How many of the tasks run and how many are on their way there, with the API's names."""
    return {
        "runningTasksCount": sum(run.task.last_status in ("RUNNING", "STOPPING") for run in runs),
        "pendingTasksCount": sum(run.task.last_status in ("PROVISIONING", "PENDING") for run in runs),
    }
