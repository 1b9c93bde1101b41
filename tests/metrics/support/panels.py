"""The panels of Kibana's saved objects, as queries, and what they should come to."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from tests.metrics.support.logstash_model import Event
from tests.metrics.support.recordings import fields
from tools.saved_objects import SAVED_OBJECTS

# A Lens operation, as Elasticsearch's aggregation and as Python's function.
METRICS: Mapping[str, tuple[str, Callable[[Iterable[float]], float]]] = {
    "max": ("max", max),
    "min": ("min", min),
    "average": ("avg", fmean),
}
SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Panel:
    """One chart: a figure of a field over time, a line for each value of another.

    ``per`` is the time that a counter's growth is of (s, m, h), None for what is no counter; ``other`` says
    that lines beyond ``most`` are told of.
    """

    dashboard: str
    name: str
    metric: str
    field: str
    by: str
    per: str | None
    limit: float | None
    most: int
    other: bool

    def query(self, interval: str) -> dict[str, Any]:
        """What Kibana asks for this chart, at an interval such as ``10s``."""
        figure = {"figure": {METRICS[self.metric][0]: {"field": self.field}}}
        over_time = {
            "time": {"date_histogram": {"field": "@timestamp", "fixed_interval": interval}, "aggs": figure}
        }
        lines = {
            "lines": {
                "terms": {"field": self.by, "size": self.most, "order": {"_key": "asc"}},
                "aggs": over_time | figure,
            }
        }
        return {"size": 0, "query": {"exists": {"field": self.field}}, "aggs": lines}

    def query_of_others(self, found: Iterable[str]) -> dict[str, Any]:
        """What Kibana asks for the line Other, once it knows the others."""
        without = [{"match_phrase": {self.by: line}} for line in found]
        rest = {"bool": {"must": [{"exists": {"field": self.by}}], "must_not": without}}
        return {"size": 0, "aggs": {"other": {"filters": {"filters": {"__other__": rest}}}}}

    def shown(self, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        """What a line shows of its points, each a moment (s) and a figure: of a counter its growth.

        As Kibana's counter_rate: what is smaller than before it began anew, and has grown from nothing.
        """
        known = list(points)
        if self.per is None:
            return known
        return [
            (now, (total - before if total >= before else total) * SECONDS[self.per] / (now - then))
            for (then, before), (now, total) in pairwise(known)
        ]

    def expected(self, events: Iterable[Event]) -> dict[str, float]:
        """The figure of each line over all the time that the events tell of."""
        values: dict[str, list[float]] = {}
        for event in map(fields, events):
            if event.get(self.field) is not None and self.by in event:
                values.setdefault(event[self.by], []).append(event[self.field])
        return {line: METRICS[self.metric][1](figures) for line, figures in values.items()}


def saved_objects() -> list[dict[str, Any]]:
    """The saved objects that Kibana imports."""
    return [json.loads(line) for line in SAVED_OBJECTS.read_text().splitlines()]


def every_panel() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every panel as it is saved, with its dashboard's id."""
    for saved in saved_objects():
        if saved["type"] == "dashboard":
            yield from ((saved["id"], panel) for panel in json.loads(saved["attributes"]["panelsJSON"]))


def panels() -> Iterator[Panel]:
    """Every chart of every dashboard."""
    for dashboard, panel in every_panel():
        if panel["type"] == "lens":
            yield _panel(dashboard, panel)


def panel_named(name: str) -> Panel:
    """The chart of that name."""
    return next(panel for panel in panels() if panel.name == name)


def vega(name: str) -> dict[str, Any]:
    """The specification of the panel of that name, which Vega draws."""
    (saved,) = [panel for _, panel in every_panel() if panel["panelIndex"] == name]
    made = saved["embeddableConfig"]["savedVis"]
    assert made["type"] == "vega"
    specification: dict[str, Any] = json.loads(made["params"]["spec"])
    return specification


def _panel(dashboard: str, panel: dict[str, Any]) -> Panel:
    layers = panel["embeddableConfig"]["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
    columns = layers["figures"]["columns"]
    figure, by = columns["figure"], columns["by"]
    measured = figure
    if figure["operationType"] == "counter_rate":
        (total,) = figure["references"]
        measured = columns[total]
    limit = layers.get("limit", {}).get("columns", {}).get("limit")
    return Panel(
        dashboard=dashboard,
        name=panel["panelIndex"],
        metric=measured["operationType"],
        field=measured["sourceField"],
        by=by["sourceField"],
        per=figure.get("timeScale"),
        limit=float(limit["params"]["value"]) if limit else None,
        most=by["params"]["size"],
        other=by["params"]["otherBucket"],
    )


def controls() -> Iterator[str]:
    """The field of every control above a dashboard."""
    for saved in saved_objects():
        if saved["type"] == "dashboard":
            for control in json.loads(saved["attributes"]["controlGroupInput"]["panelsJSON"]).values():
                yield control["explicitInput"]["fieldName"]
