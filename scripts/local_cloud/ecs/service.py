"""The container service of the local cloud: its memory and its operations, by the API's names."""

from collections.abc import Callable
from pathlib import Path

from local_cloud.ecs import cluster_operations, instance_operations, task_operations
from local_cloud.ecs.cluster_state import Answer, ClusterState, Parameters
from local_cloud.ecs.instances import Host
from local_cloud.ecs.task import Definition
from local_cloud.ecs.task_run import Runtime, TaskRun

Operation = Callable[[ClusterState, Parameters], Answer]


class ContainerService:
    """Amazon ECS, as far as the project uses it, for one account in one region."""

    def __init__(
        self, state: ClusterState, runtime: Runtime, find_definition: Callable[[str], Definition | None]
    ) -> None:
        self._state, self._pulls = state, runtime.pulls
        starter = task_operations.TaskStarter(state, runtime, find_definition)
        self._operations: dict[str, Operation] = {
            "create_cluster": cluster_operations.create_cluster,
            "list_clusters": cluster_operations.list_clusters,
            "describe_clusters": cluster_operations.describe_clusters,
            "delete_cluster": cluster_operations.delete_cluster,
            "list_container_instances": instance_operations.list_container_instances,
            "describe_container_instances": instance_operations.describe_container_instances,
            "update_container_instances_state": instance_operations.update_container_instances_state,
            "deregister_container_instance": instance_operations.deregister_container_instance,
            "run_task": starter.run_task,
            "describe_tasks": task_operations.describe_tasks,
            "list_tasks": task_operations.list_tasks,
            "stop_task": task_operations.stop_task,
        }

    @property
    def operation_names(self) -> tuple[str, ...]:
        """The operations that it knows, in Python's spelling (``run_task``)."""
        return tuple(self._operations)

    def call(self, name: str, parameters: Parameters) -> Answer:
        """Do one operation; raises ``EcsError`` with the API's code."""
        with self._state.lock:
            return self._operations[name](self._state, parameters)

    def tags_of_task(self, arn: str) -> dict[str, str]:
        """The tags of a task, none for one that never was."""
        with self._state.lock:
            run = self._state.runs.get(arn)
            return {tag["key"]: tag["value"] for tag in run.task.tags} if run else {}

    def register(self, cluster_name: str, host: Host) -> None:
        """A host's agent joins its cluster; ``ClusterNotFound`` when there is none yet."""
        instance_operations.register(self._state, cluster_name, host)

    def begin_to_pull(self, machine: Path, image: str) -> None:
        """A machine begins to pull an image, before there is a task that needs it.

        Args:
            machine: The machine's disk.
            image: With its registry and tag, without which the task definitions here name it.
        """
        self._pulls.seconds(machine, image.partition("/")[2].rpartition(":")[0])

    def lose_host(self, instance_id: str, grace_seconds: float) -> list[TaskRun]:
        """A host is switched off; return its task runs, to be waited for."""
        return instance_operations.lose_host(self._state, instance_id, grace_seconds)

    def forget_host(self, instance_id: str) -> None:
        """A host is gone for good."""
        instance_operations.forget_host(self._state, instance_id)
