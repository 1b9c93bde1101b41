"""Writes ``organist.ndjson``, the saved objects that Kibana imports, from ``panels.json``.

``make dashboards`` runs it. The objects have the shapes of Kibana 8.9, which every later version migrates as
it imports them: Lens charts by value in dashboards, options lists above them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "logstash" / "kibana"
PANELS, SAVED_OBJECTS = FOLDER / "panels.json", FOLDER / "organist.ndjson"
DATA_VIEW = "organist-statistics"
DOCUMENTS = "metrics-*-organist"
CORE_VERSION = "8.8.0"
GRID_COLUMNS, PANEL_COLUMNS, PANEL_ROWS = 48, 24, 12
MOST_LINES = 20

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
    panels = [_panel(number, panel) for number, panel in enumerate(definition["panels"])]
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
                _reference(f"{panel['id']}:indexpattern-datasource-layer-figures")
                for panel in definition["panels"]
            ),
            *(_reference(f"controlGroup_{control}:optionsListDataView") for control in controls),
        ],
    }


def _panel(number: int, panel: dict[str, Any]) -> dict[str, Any]:
    place = {
        "x": number * PANEL_COLUMNS % GRID_COLUMNS,
        "y": number * PANEL_COLUMNS // GRID_COLUMNS * PANEL_ROWS,
        "w": PANEL_COLUMNS,
        "h": PANEL_ROWS,
        "i": panel["id"],
    }
    return {
        "type": "lens",
        "panelIndex": panel["id"],
        "gridData": place,
        "title": panel["title"],
        "embeddableConfig": {"attributes": _chart(panel), "enhancements": {}, "hidePanelTitles": False},
    }


def _chart(panel: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": panel["title"],
        "type": "lens",
        "visualizationType": "lnsXY",
        "references": [_reference("indexpattern-datasource-layer-figures")],
        "state": {
            "datasourceStates": {"formBased": {"layers": {"figures": _layer(panel)}}},
            "visualization": {
                "preferredSeriesType": "line",
                "fittingFunction": "None",
                "legend": {"isVisible": True, "position": "bottom"},
                "valueLabels": "hide",
                "yTitle": panel.get("unit", ""),
                "axisTitlesVisibilitySettings": {"x": False, "yLeft": "unit" in panel, "yRight": False},
                "layers": [
                    {
                        "layerId": "figures",
                        "layerType": "data",
                        "seriesType": "line",
                        "xAccessor": "time",
                        "splitAccessor": "by",
                        "accessors": ["figure"],
                    }
                ],
            },
            "query": _query(),
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def _layer(panel: dict[str, Any]) -> dict[str, Any]:
    """Return the aggregation: the figure of each line over time."""
    figure: dict[str, Any] = {
        "label": panel["title"],
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "scale": "ratio",
        "operationType": panel["metric"],
        "sourceField": panel["field"],
        "params": {"emptyAsNull": True},
    }
    if "format" in panel:
        figure["params"]["format"] = {"id": panel["format"], "params": {"decimals": 1}}
    by = {
        "label": panel["by"],
        "dataType": "string",
        "isBucketed": True,
        "scale": "ordinal",
        "operationType": "terms",
        "sourceField": panel["by"],
        "params": {
            "size": MOST_LINES,
            "orderBy": {"type": "alphabetical"},
            "orderDirection": "asc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }
    time = {
        "label": "@timestamp",
        "dataType": "date",
        "isBucketed": True,
        "scale": "interval",
        "operationType": "date_histogram",
        "sourceField": "@timestamp",
        "params": {"interval": "auto", "includeEmptyRows": False, "dropPartials": False},
    }
    return {
        "columnOrder": ["by", "time", "figure"],
        "columns": {"by": by, "time": time, "figure": figure},
        "incompleteColumns": {},
        "sampling": 1,
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
