"""The panels of Kibana's saved objects, as queries, and what they should come to."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from tests.metrics.logstash_model import Event
from tests.metrics.recordings import fields
from tools.saved_objects import SAVED_OBJECTS

# A Lens operation, as Elasticsearch's aggregation and as Python's function.
METRICS: Mapping[str, tuple[str, Callable[[Iterable[float]], float]]] = {
    "max": ("max", max),
    "min": ("min", min),
    "average": ("avg", fmean),
}


@dataclass(frozen=True)
class Panel:
    """One chart: a figure of a field over time, a line for each value of another."""

    dashboard: str
    name: str
    metric: str
    field: str
    by: str

    def query(self, interval: str) -> dict[str, Any]:
        """What Kibana asks for this chart, at an interval such as ``10s``."""
        figure = {"figure": {METRICS[self.metric][0]: {"field": self.field}}}
        over_time = {
            "time": {"date_histogram": {"field": "@timestamp", "fixed_interval": interval}, "aggs": figure}
        }
        lines = {
            "lines": {
                "terms": {"field": self.by, "size": 20, "order": {"_key": "asc"}},
                "aggs": over_time | figure,
            }
        }
        return {"size": 0, "query": {"exists": {"field": self.field}}, "aggs": lines}

    def expected(self, events: Iterable[Event]) -> dict[str, float]:
        """The figure of each line over all the time that the events tell of."""
        values: dict[str, list[float]] = {}
        for event in map(fields, events):
            if self.field in event and self.by in event:
                values.setdefault(event[self.by], []).append(event[self.field])
        return {line: METRICS[self.metric][1](figures) for line, figures in values.items()}


def saved_objects() -> list[dict[str, Any]]:
    """The saved objects that Kibana imports."""
    return [json.loads(line) for line in SAVED_OBJECTS.read_text().splitlines()]


def panels() -> Iterator[Panel]:
    """Every chart of every dashboard."""
    for saved in saved_objects():
        if saved["type"] != "dashboard":
            continue
        for panel in json.loads(saved["attributes"]["panelsJSON"]):
            state = panel["embeddableConfig"]["attributes"]["state"]
            columns = state["datasourceStates"]["formBased"]["layers"]["figures"]["columns"]
            yield Panel(
                dashboard=saved["id"],
                name=panel["panelIndex"],
                metric=columns["figure"]["operationType"],
                field=columns["figure"]["sourceField"],
                by=columns["by"]["sourceField"],
            )


def controls() -> Iterator[str]:
    """The field of every control above a dashboard."""
    for saved in saved_objects():
        if saved["type"] == "dashboard":
            for control in json.loads(saved["attributes"]["controlGroupInput"]["panelsJSON"]).values():
                yield control["explicitInput"]["fieldName"]
