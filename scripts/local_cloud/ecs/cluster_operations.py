"""Amazon ECS's operations on clusters."""

from local_cloud.ecs.cluster_state import (
    Answer,
    Cluster,
    ClusterState,
    Parameters,
    count_by_state,
    find_each,
    short,
)
from local_cloud.ecs.errors import (
    ClusterContainsContainerInstances,
    ClusterContainsTasks,
    ClusterNotFound,
)


def create_cluster(state: ClusterState, parameters: Parameters) -> Answer:
    """CreateCluster; an ACTIVE cluster of that name is simply given."""
    name = parameters.get("clusterName") or "default"
    cluster = state.clusters.get(name)
    if cluster is None or not cluster.active:
        cluster = Cluster(name, state.arn("cluster", name), parameters.get("tags") or [])
        state.clusters[name] = cluster
    return {"cluster": _describe(state, cluster, tags=True)}


def list_clusters(state: ClusterState, _parameters: Parameters) -> Answer:
    """ListClusters: the ACTIVE ones."""
    return {"clusterArns": [cluster.arn for cluster in state.clusters.values() if cluster.active]}


def describe_clusters(state: ClusterState, parameters: Parameters) -> Answer:
    """DescribeClusters: a deleted one is INACTIVE, one that never was is among the failures."""
    tags = "TAGS" in (parameters.get("include") or [])
    found, failures = find_each(
        parameters.get("clusters") or ["default"],
        lambda reference: state.clusters.get(short(reference)),
        lambda name: state.arn("cluster", name),
    )
    return {"clusters": [_describe(state, one, tags=tags) for one in found], "failures": failures}


def delete_cluster(state: ClusterState, parameters: Parameters) -> Answer:
    """DeleteCluster; refused while container instances are registered or tasks are active."""
    cluster = state.clusters.get(short(parameters["cluster"]))
    if cluster is None:
        raise ClusterNotFound
    if state.instances_of(cluster):
        raise ClusterContainsContainerInstances
    if any(run.task.active for run in state.runs_of(cluster)):
        raise ClusterContainsTasks
    cluster.status = "INACTIVE"
    return {"cluster": _describe(state, cluster, tags=True)}


def _describe(state: ClusterState, cluster: Cluster, *, tags: bool) -> Answer:
    return {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": len(state.instances_of(cluster)),
        "activeServicesCount": 0,
        "tags": cluster.tags if tags else [],
        "statistics": [],
        "settings": [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
        **count_by_state(state.runs_of(cluster)),
    }
