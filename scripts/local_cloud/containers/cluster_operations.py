"""Amazon ECS's operations on clusters."""

from local_cloud.containers.book import Answer, Book, Cluster, Parameters, count_by_state, missing, short
from local_cloud.containers.errors import (
    ClusterContainsContainerInstances,
    ClusterContainsTasks,
    ClusterNotFound,
)


def create_cluster(book: Book, parameters: Parameters) -> Answer:
    """CreateCluster; an ACTIVE cluster of that name is simply given."""
    name = parameters.get("clusterName") or "default"
    cluster = book.clusters.get(name)
    if cluster is None or not cluster.active:
        cluster = Cluster(name, book.arn("cluster", name), parameters.get("tags") or [])
        book.clusters[name] = cluster
    return {"cluster": _describe(book, cluster, tags=True)}


def list_clusters(book: Book, _parameters: Parameters) -> Answer:
    """ListClusters: the ACTIVE ones."""
    return {"clusterArns": [cluster.arn for cluster in book.clusters.values() if cluster.active]}


def describe_clusters(book: Book, parameters: Parameters) -> Answer:
    """DescribeClusters: a deleted one is INACTIVE, one that never was is among the failures."""
    tags = "TAGS" in (parameters.get("include") or [])
    found, failures = [], []
    for name in map(short, parameters.get("clusters") or ["default"]):
        if name in book.clusters:
            found.append(_describe(book, book.clusters[name], tags=tags))
        else:
            failures.append(missing(book.arn("cluster", name)))
    return {"clusters": found, "failures": failures}


def delete_cluster(book: Book, parameters: Parameters) -> Answer:
    """DeleteCluster; refused while container instances are registered or tasks are active."""
    cluster = book.clusters.get(short(parameters["cluster"]))
    if cluster is None:
        raise ClusterNotFound
    if book.instances_of(cluster):
        raise ClusterContainsContainerInstances
    if any(run.task.active for run in book.runs_of(cluster)):
        raise ClusterContainsTasks
    cluster.status = "INACTIVE"
    return {"cluster": _describe(book, cluster, tags=True)}


def _describe(book: Book, cluster: Cluster, *, tags: bool) -> Answer:
    return {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": len(book.instances_of(cluster)),
        "activeServicesCount": 0,
        "tags": cluster.tags if tags else [],
        "statistics": [],
        "settings": [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
        **count_by_state(book.runs_of(cluster)),
    }
