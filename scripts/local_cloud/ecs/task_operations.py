"""Amazon ECS's operations on tasks."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from local_cloud.ecs import cluster_query
from local_cloud.ecs.cluster_state import Answer, Cluster, ClusterState, Parameters, find_each, short
from local_cloud.ecs.errors import ClientError, Conflict, InvalidParameter
from local_cloud.ecs.instances import ContainerInstance
from local_cloud.ecs.placement import Resources, needs, refusal
from local_cloud.ecs.task import Definition, Task, new_task
from local_cloud.ecs.task_run import Runtime, TaskRun

Constraint = Callable[[ContainerInstance], bool]
"""Whether a task may run on a container instance."""


@dataclass
class _FirstUse:
    """What a client token was first used for."""

    fingerprint: str
    tasks: list[str] = field(default_factory=list)


class TaskStarter:
    """RunTask: places tasks, once for each client token."""

    def __init__(
        self, state: ClusterState, runtime: Runtime, find_definition: Callable[[str], Definition | None]
    ) -> None:
        self._state = state
        self._runtime = runtime
        self._find_definition = find_definition
        self._tokens: dict[tuple[str, str], _FirstUse] = {}

    def run_task(self, state: ClusterState, parameters: Parameters) -> Answer:
        """RunTask; the same client token with the same parameters gives the first call's tasks."""
        cluster = state.cluster(parameters.get("cluster"))
        definition = self._definition(parameters)
        first_use = self._first_use(cluster, parameters)
        if first_use is not None and first_use.tasks:
            return {"tasks": [state.runs[arn].task.describe() for arn in first_use.tasks], "failures": []}
        candidates = [one for one in state.instances_of(cluster) if one.status == "ACTIVE"]
        if not candidates:
            raise InvalidParameter("No Container Instances were found in your cluster.")
        constraints = _constraints(parameters)
        tasks: list[Task] = []
        failures: list[dict[str, str]] = []
        for _ in range(int(parameters.get("count") or 1)):
            instance, reasons = self._place(definition, candidates, constraints)
            if instance is None:
                failures += reasons
            else:
                tasks.append(self._start(cluster, instance, definition, parameters))
        if first_use is not None:
            first_use.tasks = [task.arn for task in tasks]
        return {"tasks": [task.describe() for task in tasks], "failures": failures}

    def _definition(self, parameters: Parameters) -> Definition:
        definition = self._find_definition(parameters["taskDefinition"])
        if definition is None:
            raise ClientError("TaskDefinition not found.")
        names = {container["name"] for container in definition["containerDefinitions"]}
        for override in (parameters.get("overrides") or {}).get("containerOverrides") or []:
            if override.get("name") not in names:
                raise InvalidParameter(
                    f"Override for container named {override.get('name')} "
                    "is not a container in the TaskDefinition."
                )
        return definition

    def _first_use(self, cluster: Cluster, parameters: Parameters) -> _FirstUse | None:
        token = parameters.get("clientToken")
        if not token:
            return None
        fingerprint = json.dumps(parameters, sort_keys=True, default=str)
        first_use = self._tokens.setdefault((cluster.identity, token), _FirstUse(fingerprint))
        if first_use.fingerprint != fingerprint:
            if first_use.tasks:
                raise Conflict("The client token was used before, with other parameters.")
            first_use.fingerprint = fingerprint
        return first_use

    def _place(
        self, definition: Definition, candidates: list[ContainerInstance], constraints: list[Constraint]
    ) -> tuple[ContainerInstance | None, list[dict[str, str]]]:
        failures = []
        for instance in candidates:
            reason = self._reason_against(instance, needs(definition), constraints)
            if reason is None:
                return instance, []
            failures.append({"arn": instance.arn, "reason": reason})
        return None, failures

    def _reason_against(
        self, instance: ContainerInstance, needed: Resources, constraints: list[Constraint]
    ) -> str | None:
        # In ECS's order: resources first, then constraints; each machine of the cluster is told of.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
        if not instance.agent_connected:
            return "AGENT"
        refused = refusal(needed, instance.host.resources, self._state.used_on(instance))
        if refused is None and not all(fits(instance) for fits in constraints):
            refused = "MemberOf placement constraint unsatisfied."
        return refused

    def _start(
        self, cluster: Cluster, instance: ContainerInstance, definition: Definition, parameters: Parameters
    ) -> Task:
        task = new_task(
            region=self._state.region,
            account=self._state.account,
            cluster_name=cluster.name,
            container_instance_arn=instance.arn,
            definition=definition,
        )
        task.overrides = parameters.get("overrides") or {}
        task.started_by = parameters.get("startedBy")
        task.group = parameters.get("group") or task.group
        task.tags = parameters.get("tags") or []
        run = TaskRun(task, instance.host.machine, instance.host.instance_id, self._runtime)
        self._state.runs[task.arn] = run
        run.start()
        return task


def _constraints(parameters: Parameters) -> list[Constraint]:
    asked = parameters.get("placementConstraints") or []
    if any(constraint.get("type") != "memberOf" for constraint in asked):
        raise InvalidParameter("The local cloud knows no placement constraint but memberOf.")
    return [cluster_query.matcher(constraint["expression"]) for constraint in asked]


def describe_tasks(state: ClusterState, parameters: Parameters) -> Answer:
    """DescribeTasks: looks, and moves nothing."""
    tags = "TAGS" in (parameters.get("include") or [])
    cluster = state.cluster(parameters.get("cluster"))
    if not parameters.get("tasks"):
        raise InvalidParameter("Tasks cannot be empty.")
    found, failures = find_each(
        parameters["tasks"],
        lambda reference: state.run(cluster, reference),
        lambda name: state.arn("task", cluster.name, name),
    )
    return {"tasks": [run.task.describe(tags=tags) for run in found], "failures": failures}


def list_tasks(state: ClusterState, parameters: Parameters) -> Answer:
    """ListTasks: those whose desired status is RUNNING, unless another is asked for."""
    wanted = parameters.get("desiredStatus") or "RUNNING"
    tests: list[Callable[[Task], bool]] = [lambda task: task.desired_status == wanted]
    if on := parameters.get("containerInstance"):
        tests.append(lambda task: short(task.container_instance_arn) == short(on))
    if family := parameters.get("family"):
        tests.append(lambda task: bool(task.definition["family"] == family))
    if started_by := parameters.get("startedBy"):
        tests.append(lambda task: task.started_by == started_by)
    tasks = [run.task for run in state.runs_of(state.cluster(parameters.get("cluster")))]
    return {"taskArns": [task.arn for task in tasks if all(test(task) for test in tests)]}


def stop_task(state: ClusterState, parameters: Parameters) -> Answer:
    """StopTask: SIGTERM now, SIGKILL after the stop timeout; the answer does not wait for it."""
    run = state.run(state.cluster(parameters.get("cluster")), parameters["task"])
    if run is None:
        raise InvalidParameter("The referenced task was not found.")
    if run.task.active:
        run.stop("UserInitiated", parameters.get("reason") or "Task stopped by user")
    return {"task": run.task.describe()}
