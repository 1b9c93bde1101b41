"""Kibana's saved objects: they are what the list of panels says, and name only fields that there are."""

import json
from typing import Any

import pytest

from logstash.setup.templates import index_templates
from tests.metrics.support.panels import METRICS, controls, every_panel, panels, saved_objects
from tests.metrics.support.recordings import fields, leaving
from tests.metrics.support.template_fields import mapped_fields
from tools.saved_objects import DATA_VIEW, DOCUMENTS, SAVED_OBJECTS, ndjson

DASHBOARDS = [saved for saved in saved_objects() if saved["type"] == "dashboard"]
FIELDS = sorted({name for panel in panels() for name in (panel.field, panel.by)} | set(controls()))


def test_the_file_is_what_the_list_of_panels_says() -> None:
    assert SAVED_OBJECTS.read_text() == ndjson(), "run `make dashboards`"


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_that_is_named_is_mapped(field: str) -> None:
    kinds = {mapped_fields(template).get(field) for template in index_templates()} - {None}
    assert len(kinds) == 1, "a field has one type in all data streams"


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_that_is_named_is_in_a_recorded_document(field: str) -> None:
    assert any(field in fields(event) for event in leaving())


@pytest.mark.parametrize("panel", list(panels()), ids=lambda panel: panel.name)
def test_a_figure_and_its_lines_are_in_the_same_documents(panel: Any) -> None:
    """Each alone in some document would make an empty chart."""
    assert panel.expected(leaving())
    assert panel.metric in METRICS


def test_what_a_production_is_asked_for_is_there() -> None:
    shown = {panel["panelIndex"] for dashboard, panel in every_panel() if dashboard == "organist-production"}
    assert {
        *("chains", "frames", "dropped-frames", "frame-rate", "bit-rate", "link-latency"),
        *("node-red-memory", "container-cpu", "container-memory"),
    } <= shown
    assert {"organist.production.id", "organist.instance.name"} <= set(controls())


def test_the_data_view_sees_every_data_stream() -> None:
    (view,) = [saved for saved in saved_objects() if saved["type"] == "index-pattern"]
    assert view["attributes"]["title"] == DOCUMENTS == "metrics-*-organist"
    for template in index_templates().values():
        assert all(
            pattern.startswith("metrics-") and pattern.endswith("-organist")
            for pattern in template["index_patterns"]
        )


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda saved: saved["id"])
def test_references_lead_to_the_data_view(dashboard: dict[str, Any]) -> None:
    attributes = dashboard["attributes"]
    charts = json.loads(attributes["panelsJSON"])
    wanted = {
        f"{chart['panelIndex']}:{reference['name']}"
        for chart in charts
        if chart["type"] == "lens"
        for reference in chart["embeddableConfig"]["attributes"]["references"]
    }
    wanted |= {
        f"controlGroup_{name}:optionsListDataView"
        for name in json.loads(attributes["controlGroupInput"]["panelsJSON"])
    }
    assert {reference["name"] for reference in dashboard["references"]} == wanted
    assert {reference["id"] for reference in dashboard["references"]} == {DATA_VIEW}


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda saved: saved["id"])
def test_no_chart_covers_another(dashboard: dict[str, Any]) -> None:
    places = [chart["gridData"] for chart in json.loads(dashboard["attributes"]["panelsJSON"])]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 48


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda saved: saved["id"])
def test_a_chart_shows_the_columns_that_it_has(dashboard: dict[str, Any]) -> None:
    for chart in json.loads(dashboard["attributes"]["panelsJSON"]):
        if chart["type"] != "lens":
            continue
        attributes = chart["embeddableConfig"]["attributes"]
        state = attributes["state"]
        layers = state["datasourceStates"]["formBased"]["layers"]
        lines, *limits = state["visualization"]["layers"]
        assert {f"indexpattern-datasource-layer-{name}" for name in layers} == {
            reference["name"] for reference in attributes["references"]
        }
        assert [shown["layerId"] for shown in (lines, *limits)] == list(layers)
        for layer in layers.values():
            assert sorted(layer["columnOrder"]) == sorted(layer["columns"])
        columns = layers["figures"]["columns"]
        # What a rate is made of is no line of its own.
        within = {name for column in columns.values() for name in column.get("references", [])}
        shown = [lines["splitAccessor"], lines["xAccessor"], *lines["accessors"]]
        assert shown == [name for name in layers["figures"]["columnOrder"] if name not in within]
        for limit in limits:
            assert limit["accessors"] == list(layers[limit["layerId"]]["columns"])
            assert [look["forAccessor"] for look in limit["yConfig"]] == limit["accessors"]
