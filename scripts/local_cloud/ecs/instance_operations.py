"""Amazon ECS's operations on container instances, and what their hosts do to them."""

from local_cloud.ecs import cluster_query
from local_cloud.ecs.cluster_state import Answer, ClusterState, Parameters, count_by_state, find_each
from local_cloud.ecs.errors import InvalidParameter
from local_cloud.ecs.instances import ContainerInstance, Host, new_container_instance
from local_cloud.ecs.task_run import TaskRun


def register(state: ClusterState, cluster_name: str, host: Host) -> ContainerInstance:
    """What a host's agent does; ``ClusterNotFound`` when there is no such cluster yet."""
    with state.lock:
        state.cluster(cluster_name)
        instance = new_container_instance(
            region=state.region, account=state.account, cluster_name=cluster_name, host=host
        )
        state.instances[instance.arn] = instance
        state.resources.started("container instances", instance.arn)
        return instance


def list_container_instances(state: ClusterState, parameters: Parameters) -> Answer:
    """ListContainerInstances, by status and by a filter in the cluster query language."""
    wanted, fits = (
        parameters.get("status"),
        cluster_query.matcher(parameters["filter"]) if parameters.get("filter") else None,
    )
    found = state.instances_of(state.cluster(parameters.get("cluster")))
    listed = [one for one in found if wanted in (None, one.status) and (fits is None or fits(one))]
    return {"containerInstanceArns": [one.arn for one in listed]}


def describe_container_instances(state: ClusterState, parameters: Parameters) -> Answer:
    """DescribeContainerInstances."""
    cluster = state.cluster(parameters.get("cluster"))
    if not parameters.get("containerInstances"):
        raise InvalidParameter("Container instances cannot be empty.")
    found, failures = find_each(
        parameters["containerInstances"],
        lambda reference: state.instance(cluster, reference),
        lambda name: state.arn("container-instance", cluster.name, name),
    )
    return {"containerInstances": [_describe(state, one) for one in found], "failures": failures}


def update_container_instances_state(state: ClusterState, parameters: Parameters) -> Answer:
    """UpdateContainerInstancesState: ACTIVE or DRAINING."""
    cluster = state.cluster(parameters.get("cluster"))
    for reference in parameters["containerInstances"]:
        instance = state.instance(cluster, reference)
        if instance is not None:
            instance.status = parameters["status"]
    return describe_container_instances(state, parameters)


def deregister_container_instance(state: ClusterState, parameters: Parameters) -> Answer:
    """DeregisterContainerInstance; with tasks on it only by force, and then ECS forgets them."""
    cluster = state.cluster(parameters.get("cluster"))
    instance = state.instance(cluster, parameters["containerInstance"])
    if instance is None:
        raise InvalidParameter("The referenced container instance was not found.")
    active = state.active_on(instance)
    if active and not parameters.get("force"):
        raise InvalidParameter("Found running tasks on the instance.")
    for run in active:
        run.abandon("Container instance deregistered forcibly by user")
    state.remove(instance)
    instance.status = "INACTIVE"
    return {"containerInstance": _describe(state, instance)}


def lose_host(state: ClusterState, instance_id: str, grace_seconds: float) -> list[TaskRun]:
    """The host is switched off: its agent falls silent, its tasks' processes end.

    Gives the task runs, to be waited for; ``grace_seconds`` are between SIGTERM and SIGKILL.
    """
    with state.lock:
        for instance in state.instances.values():
            if instance.host.instance_id == instance_id:
                instance.agent_connected = False
        runs = [run for run in state.runs.values() if run.instance_id == instance_id and run.alive]
    for run in runs:
        run.stop("TerminationNotice", f"Host EC2 (instance {instance_id}) terminated.", grace_seconds)
    return runs


def forget_host(state: ClusterState, instance_id: str) -> None:
    """The cluster notices at last that a host is gone."""
    with state.lock:
        for instance in list(state.instances.values()):
            if instance.host.instance_id == instance_id:
                state.remove(instance)


def _describe(state: ClusterState, instance: ContainerInstance) -> Answer:
    counts = count_by_state(state.active_on(instance))
    return {**instance.describe(used=state.used_on(instance)), **counts}
