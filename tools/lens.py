"""Charts of Kibana's Lens, in the shapes of Kibana 8.9: lines over time, and a limit if there is one."""

from typing import Any

Saved = dict[str, Any]

MOST_LINES = 100  # beyond them one line more, Other, says that there are others
LAYER, LIMIT = "figures", "limit"
# The names of a second, a minute and an hour in Lens.
PER = {"second": "s", "minute": "m", "hour": "h"}
WARNING = "#bd271e"


def layers(panel: Saved) -> list[str]:
    """Return the layers that a panel has; each refers to the data view."""
    return [LAYER, LIMIT] if "limit" in panel else [LAYER]


def chart(panel: Saved, references: list[dict[str, str]], query: dict[str, str]) -> Saved:
    """Return the chart of a panel of ``panels.json``, by value."""
    return {
        "title": panel["title"],
        "type": "lens",
        "visualizationType": "lnsXY",
        "references": references,
        "state": {
            "datasourceStates": {"formBased": {"layers": _data(panel)}},
            "visualization": {
                "preferredSeriesType": "line",
                "fittingFunction": "None",
                "legend": {"isVisible": True, "position": "bottom"},
                "valueLabels": "hide",
                "yTitle": panel.get("unit", ""),
                "axisTitlesVisibilitySettings": {"x": False, "yLeft": "unit" in panel, "yRight": False},
                "layers": _shown(panel),
            },
            "query": query,
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def _shown(panel: Saved) -> list[Saved]:
    lines = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": "line",
        "xAccessor": "time",
        "splitAccessor": "by",
        "accessors": ["figure"],
    }
    if "limit" not in panel:
        return [lines]
    look = {"axisMode": "left", "color": WARNING, "lineStyle": "dashed", "lineWidth": 2}
    line = {"forAccessor": LIMIT, "textVisibility": True, "fill": "none", **look}
    return [
        lines,
        {"layerId": LIMIT, "layerType": "referenceLine", "accessors": [LIMIT], "yConfig": [line]},
    ]


def _data(panel: Saved) -> Saved:
    columns = {"by": _by(panel["by"]), "time": _time(), **_figure(panel)}
    found = {LAYER: _layer(columns)}
    if "limit" in panel:
        static = _number(panel["limitLabel"], "static_value")
        static |= {"isStaticValue": True, "params": {"value": str(panel["limit"])}, "references": []}
        found[LIMIT] = _layer({LIMIT: static})
    return found


def _layer(columns: Saved) -> Saved:
    return {"columnOrder": list(columns), "columns": columns, "incompleteColumns": {}, "sampling": 1}


def _figure(panel: Saved) -> Saved:
    """Return the figure of each line: of a counter, which begins anew at times, how much it grows."""
    measured = _number(panel["title"], panel["metric"]) | {
        "sourceField": panel["field"],
        "params": {"emptyAsNull": True},
    }
    if "per" not in panel:
        measured["params"] |= _format(panel)
        return {"figure": measured}
    rate = _number(panel["title"], "counter_rate")
    rate |= {"references": ["total"], "timeScale": PER[panel["per"]], "params": _format(panel)}
    return {"figure": rate, "total": measured}


def _format(panel: Saved) -> Saved:
    return {"format": {"id": panel["format"], "params": {"decimals": 1}}} if "format" in panel else {}


def _number(label: str, operation: str) -> Saved:
    return {
        "label": label,
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "scale": "ratio",
        "operationType": operation,
    }


def _by(field: str) -> Saved:
    return {
        "label": field,
        "dataType": "string",
        "isBucketed": True,
        "scale": "ordinal",
        "operationType": "terms",
        "sourceField": field,
        "params": {
            "size": MOST_LINES,
            "orderBy": {"type": "alphabetical"},
            "orderDirection": "asc",
            "otherBucket": True,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _time() -> Saved:
    return {
        "label": "@timestamp",
        "dataType": "date",
        "isBucketed": True,
        "scale": "interval",
        "operationType": "date_histogram",
        "sourceField": "@timestamp",
        "params": {"interval": "auto", "includeEmptyRows": False, "dropPartials": False},
    }
