"""Whose a cluster is: the stacks of an account and region share its names, and a tag tells them apart."""

from typing import TYPE_CHECKING

from lambdas import tags
from lambdas.machine_errors import InstanceNameTaken

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient


def cluster_owner(name: str, ecs: "ECSClient") -> str | None:
    """Give the stack whose cluster ``name`` is, "" for one without the tag, None if no such one is active."""
    for cluster in ecs.describe_clusters(clusters=[name], include=["TAGS"])["clusters"]:
        if cluster["status"] == "ACTIVE":
            return tags.read_tags(cluster.get("tags", [])).get(tags.STACK, "")
    return None


def check_owner(name: str, stack_name: str, ecs: "ECSClient") -> None:
    """Raise ``InstanceNameTaken`` if the cluster ``name`` is there and not this stack's."""
    owner = cluster_owner(name, ecs)
    if owner not in (None, stack_name):
        whose = f"of the stack {owner}" if owner else "that organist did not make"
        raise InstanceNameTaken(f"There is a cluster {name} {whose}; expected a name that is free.")
