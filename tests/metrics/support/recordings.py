"""The recorded documents, as they come and as they leave Logstash by the model."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from local_cloud.paths import REPOSITORY
from tests.metrics.support.logstash_model import Event, by_http, run_filter

RECORDED = Path(__file__).parents[1] / "recorded"
PIPELINES = REPOSITORY / "logstash" / "pipeline"
SENT = ("media", "dynamorse", "trouble", "outputs")  # by HTTP
HTTP, BEATS = PIPELINES / "http.conf", PIPELINES / "beats.conf"


def recorded(name: str) -> Iterator[dict[str, Any]]:
    """The lines of a recording."""
    for line in (RECORDED / f"{name}.ndjson").read_text().splitlines():
        yield json.loads(line)


def sent_by_http(document: Any, received: str = "2026-11-23T03:17:38.982+00:00") -> Event:
    """A document of media nodes or dynamorse as it leaves Logstash."""
    return run_filter(HTTP, by_http(document, received, "10.0.0.4", "/media"))


@cache
def _leaving() -> tuple[str, ...]:
    events = [
        run_filter(HTTP, by_http(line["document"], line["received"], "10.0.0.4", line["path"]))
        for name in SENT
        for line in recorded(name)
    ]
    events += [run_filter(BEATS, line | {"@version": "1"}) for line in recorded("metricbeat")]
    return tuple(json.dumps(event) for event in events)


def leaving() -> list[Event]:
    """Every recorded document as it leaves Logstash."""
    return [json.loads(event) for event in _leaving()]


def data_stream(event: Event) -> str:
    """The data stream that an event goes to."""
    stream = event["data_stream"]
    return f"{stream['type']}-{stream['dataset']}-{stream['namespace']}"


def fields(value: Any, above: str = "") -> dict[str, Any]:
    """Every leaf of a document, by its name with dots."""
    if not isinstance(value, dict):
        return {above: value}
    found: dict[str, Any] = {}
    for name, part in value.items():
        found |= fields(part, f"{above}.{name}" if above else name)
    return found
