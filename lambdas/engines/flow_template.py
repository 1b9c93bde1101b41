"""The flows of the folder ``flows``, and how the handlers set properties in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FLOWS = Path(__file__).parents[1] / "flows"

Flow = dict[str, Any]


def load_flow(name: str) -> Flow:
    """Return a fresh copy of ``flows/<name>.json``, in the shape of Node-RED's ``POST /flow``."""
    flow: Flow = json.loads((FLOWS / f"{name}.json").read_text())
    return flow


def set_properties(flow: Flow, node_id: str, properties: Mapping[str, Any]) -> None:
    """Set properties of the flow's node or configuration node ``node_id``; KeyError if it has none."""
    for node in [*flow["nodes"], *flow.get("configs", [])]:
        if node["id"] == node_id:
            node.update(properties)
            return
    raise KeyError(node_id)
