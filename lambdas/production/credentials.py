"""What a node of a flow is given beside its text: secrets that Node-RED keeps and never gives back."""

from collections.abc import Mapping
from typing import Any

from lambdas.production import contribution, destinations, secrets

LINK_TYPES = ("media-link-in", "media-link-out")
SOURCE_TYPE = "media-source"
DESTINATION_TYPE = "media-destination"


def node_credentials(secret: str, production_id: str, node: Mapping[str, Any]) -> dict[str, str]:
    """Return a node's credentials; empty for one that needs none.

    Args:
        secret: The stack's secret.
        production_id: The production's id, the same for both ends of its link.
        node: The node as in the flow.
    """
    if node["type"] in LINK_TYPES:
        return {"passphrase": secrets.link_passphrase(secret, production_id)}
    if node["type"] == DESTINATION_TYPE:
        listens = destinations.waits_for_calls(node)
        of = (secret, production_id, int(node["number"]))
        return {"passphrase": secrets.destination_passphrase(*of)} if listens else {}
    if node["type"] != SOURCE_TYPE or contribution.is_caller(node):
        return {}
    if node["kind"] == contribution.SRT:
        return {"passphrase": secrets.source_passphrase(secret, production_id, int(node["bus"]))}
    if node["kind"] == contribution.RTMP:
        return {"streamKey": secrets.stream_key(secret, production_id, int(node["bus"]))}
    return {}
