"""Tags of EC2's resources: moto looks through those of all for one's own, whenever a filter asks for them."""

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from local_cloud.moto_patches.replacements import Replacements


def install(replacements: Replacements) -> None:
    """Look for one's own only: a hundred productions at once ask for each machine's all the time."""
    replacements.replace(TaggedEC2Resource, "get_tags", _own_tags)


def _own_tags(resource: Any) -> list[dict[str, str]]:
    if not resource.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    own = resource.ec2_backend.tags.get(resource.id, {})
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind}
        for key, value in list(own.items())
    ]
