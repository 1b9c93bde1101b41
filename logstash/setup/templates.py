"""Component and index templates, and how long documents are kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .server import Server

FOLDER = Path(__file__).resolve().parents[1] / "elasticsearch"
POLICY = "/_plugins/_ism/policies/organist-retention"
ROLLOVER = "1d"  # what is deleted is a whole index: an index a day keeps documents a day too long at the most


def component_templates() -> dict[str, Any]:
    """Return the component templates by name, in Elasticsearch's shape."""
    return _read("component")


def index_templates() -> dict[str, Any]:
    """Return the index templates by name."""
    return _read("index")


def put_templates_in_elasticsearch(server: Server) -> None:
    """Put every template; one that is there is replaced by the same."""
    _put(server, component_templates())


def put_templates_in_opensearch(server: Server) -> None:
    """Put every template without ``lifecycle``, which OpenSearch does not know, and a policy in its place.

    https://docs.opensearch.org/latest/im-plugin/ism/policies/
    """
    components = component_templates()
    retention = ""
    for component in components.values():
        retention = component["template"].pop("lifecycle", {}).get("data_retention", retention)
    _put(server, components)
    _put_policy(server, retention)


def retention_policy(retention: str) -> dict[str, Any]:
    """Return the index state policy that keeps documents for so long, such as ``30d``."""
    patterns = sorted(
        pattern for template in index_templates().values() for pattern in template["index_patterns"]
    )
    return {
        "policy": {
            "description": f"Statistics of organist are kept for {retention}",
            "default_state": "written",
            "ism_template": [{"index_patterns": patterns, "priority": 300}],
            "states": [
                {
                    "name": "written",
                    "actions": [{"rollover": {"min_index_age": ROLLOVER}}],
                    "transitions": [{"state_name": "old", "conditions": {"min_rollover_age": retention}}],
                },
                {"name": "old", "actions": [{"delete": {}}], "transitions": []},
            ],
        }
    }


def _put(server: Server, components: dict[str, Any]) -> None:
    for name, component in components.items():
        server.put(f"/_component_template/{name}", component)
    for name, template in index_templates().items():
        server.put(f"/_index_template/{name}", template)


def _put_policy(server: Server, retention: str) -> None:
    policy, there = retention_policy(retention), server.get(POLICY)
    if there is None:
        server.put(POLICY, policy)
    elif there["policy"].get("description") != policy["policy"]["description"]:
        # A policy is replaced only by who says which one is meant.
        server.put(f"{POLICY}?if_seq_no={there['_seq_no']}&if_primary_term={there['_primary_term']}", policy)


def _read(kind: str) -> dict[str, Any]:
    return dict(_files(FOLDER / kind))


def _files(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        yield path.name.removesuffix(".json"), json.loads(path.read_text())
