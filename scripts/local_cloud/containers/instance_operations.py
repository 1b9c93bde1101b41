"""Amazon ECS's operations on container instances, and what their hosts do to them."""

from local_cloud.containers import cluster_query
from local_cloud.containers.book import Answer, Book, Parameters, count_by_state, missing, short
from local_cloud.containers.errors import InvalidParameter
from local_cloud.containers.instances import ContainerInstance, Host, new_container_instance
from local_cloud.containers.task_run import TaskRun


def register(book: Book, cluster_name: str, host: Host) -> ContainerInstance:
    """What a host's agent does; ``ClusterNotFound`` when there is no such cluster yet."""
    with book.lock:
        book.cluster(cluster_name)
        instance = new_container_instance(
            region=book.region, account=book.account, cluster_name=cluster_name, host=host
        )
        book.instances[instance.arn] = instance
        book.ledger.started("container instances", instance.arn)
        return instance


def list_container_instances(book: Book, parameters: Parameters) -> Answer:
    """ListContainerInstances, by status and by a filter in the cluster query language."""
    wanted, fits = (
        parameters.get("status"),
        cluster_query.matcher(parameters["filter"]) if parameters.get("filter") else None,
    )
    found = book.instances_of(book.cluster(parameters.get("cluster")))
    listed = [one for one in found if wanted in (None, one.status) and (fits is None or fits(one))]
    return {"containerInstanceArns": [one.arn for one in listed]}


def describe_container_instances(book: Book, parameters: Parameters) -> Answer:
    """DescribeContainerInstances."""
    found, failures = [], []
    cluster = book.cluster(parameters.get("cluster"))
    if not parameters.get("containerInstances"):
        raise InvalidParameter("Container instances cannot be empty.")
    for reference in parameters["containerInstances"]:
        instance = book.instance(cluster, reference)
        if instance is None:
            failures.append(missing(book.arn("container-instance", cluster.name, short(reference))))
        else:
            found.append(_describe(book, instance))
    return {"containerInstances": found, "failures": failures}


def update_container_instances_state(book: Book, parameters: Parameters) -> Answer:
    """UpdateContainerInstancesState: ACTIVE or DRAINING."""
    cluster = book.cluster(parameters.get("cluster"))
    for reference in parameters["containerInstances"]:
        instance = book.instance(cluster, reference)
        if instance is not None:
            instance.status = parameters["status"]
    return describe_container_instances(book, parameters)


def deregister_container_instance(book: Book, parameters: Parameters) -> Answer:
    """DeregisterContainerInstance; with tasks on it only by force, and then ECS forgets them."""
    cluster = book.cluster(parameters.get("cluster"))
    instance = book.instance(cluster, parameters["containerInstance"])
    if instance is None:
        raise InvalidParameter("The referenced container instance was not found.")
    active = book.active_on(instance)
    if active and not parameters.get("force"):
        raise InvalidParameter("Found running tasks on the instance.")
    for run in active:
        run.abandon("Container instance deregistered forcibly by user")
    book.remove(instance)
    instance.status = "INACTIVE"
    return {"containerInstance": _describe(book, instance)}


def lose_host(book: Book, instance_id: str, grace_seconds: float) -> list[TaskRun]:
    """The host is switched off: its agent falls silent, its tasks' processes end.

    Gives the task runs, to be waited for; ``grace_seconds`` are between SIGTERM and SIGKILL.
    """
    with book.lock:
        for instance in book.instances.values():
            if instance.host.instance_id == instance_id:
                instance.agent_connected = False
        runs = [run for run in book.runs.values() if run.instance_id == instance_id and run.alive]
    for run in runs:
        run.stop("TerminationNotice", f"Host EC2 (instance {instance_id}) terminated.", grace_seconds)
    return runs


def forget_host(book: Book, instance_id: str) -> None:
    """The cluster notices at last that a host is gone."""
    with book.lock:
        for instance in list(book.instances.values()):
            if instance.host.instance_id == instance_id:
                book.remove(instance)


def _describe(book: Book, instance: ContainerInstance) -> Answer:
    counts = count_by_state(book.active_on(instance))
    return {**instance.describe(used=book.used_on(instance)), **counts}
