"""Component and index templates, and the data streams that have them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .server import Server

FOLDER = Path(__file__).resolve().parents[1] / "elasticsearch"


def component_templates() -> dict[str, Any]:
    """Return the component templates by name, in Elasticsearch's shape."""
    return _read("component")


def index_templates() -> dict[str, Any]:
    """Return the index templates by name."""
    return _read("index")


def data_streams() -> list[str]:
    """Return the name of every data stream: templates name them without wildcards."""
    return sorted(name for template in index_templates().values() for name in template["index_patterns"])


def retention() -> str:
    """Return how long documents are kept at the least, such as ``30d``."""
    (told,) = {
        component["template"]["lifecycle"]["data_retention"]
        for component in component_templates().values()
        if "lifecycle" in component["template"]
    }
    return str(told)


def put_templates_in_elasticsearch(server: Server) -> None:
    """Put every template; one that is there is replaced by the same."""
    _put(server, component_templates())


def put_templates_in_opensearch(server: Server) -> None:
    """Put every template without ``lifecycle``, which OpenSearch does not know."""
    components = component_templates()
    for component in components.values():
        component["template"].pop("lifecycle", None)
    _put(server, components)


def put_data_streams(server: Server) -> None:
    """Begin every data stream that is not there: without one, Kibana's data view and charts are errors."""
    for name in data_streams():
        if server.get(f"/_data_stream/{name}") is None:
            server.put(f"/_data_stream/{name}", None)


def _put(server: Server, components: dict[str, Any]) -> None:
    for name, component in components.items():
        server.put(f"/_component_template/{name}", component)
    for name, template in index_templates().items():
        server.put(f"/_index_template/{name}", template)


def _read(kind: str) -> dict[str, Any]:
    return dict(_files(FOLDER / kind))


def _files(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        yield path.name.removesuffix(".json"), json.loads(path.read_text())
