"""The flows of the folder ``flows``, and how the handlers set properties in them."""

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FLOWS = Path(__file__).parents[1] / "flows"
ROW = 80  # between two nodes in the editor

Flow = dict[str, Any]


def load_flow(name: str) -> Flow:
    """Return a fresh copy of ``flows/<name>.json``, in the shape of Node-RED's ``POST /flow``."""
    flow: Flow = json.loads((FLOWS / f"{name}.json").read_text())
    return flow


def repeat_node(flow: Flow, node_id: str, ids: Sequence[str]) -> None:
    """Put copies of a node in its place, below each other in the editor.

    Args:
        flow: The flow.
        node_id: The node's.
        ids: Those of the copies, which are wired as the node is.
    """
    place = next(index for index, node in enumerate(flow["nodes"]) if node["id"] == node_id)
    node = flow["nodes"][place]
    flow["nodes"][place : place + 1] = [
        copy.deepcopy(node) | {"id": copied, "y": node["y"] + number * ROW}
        for number, copied in enumerate(ids)
    ]


def set_properties(flow: Flow, node_id: str, properties: Mapping[str, Any]) -> None:
    """Set properties of the flow's node or configuration node ``node_id``; KeyError if it has none."""
    for node in [*flow["nodes"], *flow.get("configs", [])]:
        if node["id"] == node_id:
            node.update(properties)
            return
    raise KeyError(node_id)
