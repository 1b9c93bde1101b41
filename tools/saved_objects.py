"""Writes ``organist.ndjson``, the saved objects that Kibana imports, from ``panels.json``.

``make dashboards`` runs it. The objects have the shapes of Kibana 8.9, which every later version migrates as
it imports them: Lens charts and Vega panels by value in dashboards, options lists above them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.lens import chart, layers

FOLDER = Path(__file__).resolve().parents[1] / "logstash" / "kibana"
PANELS, SAVED_OBJECTS = FOLDER / "panels.json", FOLDER / "organist.ndjson"
DATA_VIEW = "organist-statistics"
DOCUMENTS = "metrics-*-organist"
CORE_VERSION = "8.8.0"
GRID_COLUMNS, PANEL_COLUMNS, PANEL_ROWS = 48, 16, 11

Saved = dict[str, Any]


def definitions() -> list[dict[str, Any]]:
    """Return the dashboards as ``panels.json`` has them."""
    read: list[dict[str, Any]] = json.loads(PANELS.read_text())
    return read


def saved_objects() -> Iterator[Saved]:
    """Yield the data view, then each dashboard."""
    yield _data_view()
    for definition in definitions():
        yield _dashboard(definition)


def ndjson() -> str:
    """Return the file as it is imported: an object a line."""
    return "".join(json.dumps(saved, sort_keys=True) + "\n" for saved in saved_objects())


def _data_view() -> Saved:
    return {
        "type": "index-pattern",
        "id": DATA_VIEW,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": "8.0.0",
        "attributes": {"title": DOCUMENTS, "name": "organist", "timeFieldName": "@timestamp"},
        "references": [],
    }


def _dashboard(definition: dict[str, Any]) -> Saved:
    panels = list(_panels(definition["panels"]))
    controls = {
        control["id"]: _control(number, control) for number, control in enumerate(definition["controls"])
    }
    return {
        "type": "dashboard",
        "id": f"organist-{definition['dashboard']}",
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": "8.9.0",
        "attributes": {
            "title": f"organist: {definition['title']}",
            "description": definition["description"],
            "version": 1,
            "timeRestore": True,
            "timeFrom": "now-15m",
            "timeTo": "now",
            "refreshInterval": {"pause": False, "value": 10_000},
            "optionsJSON": json.dumps({"useMargins": True, "syncCursor": True, "hidePanelTitles": False}),
            "panelsJSON": json.dumps(panels),
            "controlGroupInput": {
                "controlStyle": "oneLine",
                "chainingSystem": "HIERARCHICAL",
                "ignoreParentSettingsJSON": "{}",
                "panelsJSON": json.dumps(controls),
            },
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps({"query": _query(), "filter": []})},
        },
        "references": [
            *(
                _reference(f"{panel['id']}:indexpattern-datasource-layer-{layer}")
                for panel in definition["panels"]
                if "vega" not in panel
                for layer in layers(panel)
            ),
            *(_reference(f"controlGroup_{control}:optionsListDataView") for control in controls),
        ],
    }


def _panels(definitions: list[dict[str, Any]]) -> Iterator[Saved]:
    """Yield the panels from left to right and from above: Vega's have a row of their own."""
    column, row = 0, 0
    for panel in definitions:
        width = GRID_COLUMNS if "vega" in panel else PANEL_COLUMNS
        if column + width > GRID_COLUMNS:
            column, row = 0, row + PANEL_ROWS
        place = {"x": column, "y": row, "w": width, "h": PANEL_ROWS, "i": panel["id"]}
        column += width
        yield {
            **(_vega(panel) if "vega" in panel else _lens(panel)),
            "panelIndex": panel["id"],
            "gridData": place,
            "title": panel["title"],
        }


def _lens(panel: dict[str, Any]) -> Saved:
    references = [_reference(f"indexpattern-datasource-layer-{layer}") for layer in layers(panel)]
    attributes = chart(panel, references, _query())
    return {
        "type": "lens",
        "embeddableConfig": {"attributes": attributes, "enhancements": {}, "hidePanelTitles": False},
    }


def _vega(panel: dict[str, Any]) -> Saved:
    """Return a panel that Vega draws, by its specification, which has its own query.

    https://www.elastic.co/docs/explore-analyze/visualize/custom-visualizations-with-vega
    """
    specification = json.loads((FOLDER / panel["vega"]).read_text())
    data = {"aggs": [], "searchSource": {"query": _query(), "filter": []}}
    return {
        "type": "visualization",
        "embeddableConfig": {
            "enhancements": {},
            "hidePanelTitles": False,
            "savedVis": {
                "title": panel["title"],
                "description": specification["description"],
                "type": "vega",
                "params": {"spec": json.dumps(specification)},
                "uiState": {},
                "data": data,
            },
        },
    }


def _control(number: int, control: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "optionsListControl",
        "order": number,
        "width": "medium",
        "grow": True,
        "explicitInput": {
            "id": control["id"],
            "fieldName": control["field"],
            "title": control["title"],
            "enhancements": {},
        },
    }


def _reference(name: str) -> dict[str, str]:
    return {"type": "index-pattern", "id": DATA_VIEW, "name": name}


def _query() -> dict[str, str]:
    return {"language": "kuery", "query": ""}


if __name__ == "__main__":
    SAVED_OBJECTS.write_text(ndjson())
