"""Logstash's API as far as the health check asks it: the report, answered with 200 whatever it says.

Its shape is that of LogStash::Api::Modules::HealthReport and org.logstash.health, written without spaces:
https://www.elastic.co/docs/api/doc/logstash/operation/operation-healthreport
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.support.json_server import Answer, answering

COLOURS = {
    "RUNNING": "green",
    "LOADING": "yellow",
    "FINISHED": "yellow",
    "TERMINATED": "red",
    "UNKNOWN": "unknown",
}
WORST = ("green", "unknown", "yellow", "red")


def health_report(states: Mapping[str, str], colours: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the report of pipelines by their states; ``colours`` of those that are busy, too."""
    indicators = {name: _pipeline(state, (colours or {}).get(name)) for name, state in states.items()}
    status = max((one["status"] for one in indicators.values()), key=WORST.index, default="green")
    symptom = f"{len(indicators)} indicators are healthy"
    pipelines = {"status": status, "symptom": symptom, "indicators": indicators}
    return {
        "host": "logstash",
        "version": "9.5.5",
        "http_address": "127.0.0.1:9600",
        "name": "logstash",
        "status": status,
        "symptom": symptom,
        "indicators": {"pipelines": pipelines},
    }


def _pipeline(state: str, colour: str | None) -> dict[str, Any]:
    status = colour or COLOURS[state]
    report: dict[str, Any] = {"status": status, "symptom": f"The pipeline is {status}; 0 areas are impacted."}
    if status != "green":
        report["diagnosis"] = [
            {"id": "logstash:health:pipeline:status", "cause": '{"state" of the pipeline}'}
        ]
        report["impacts"] = [{"severity": 1, "impact_areas": ["pipeline_execution"]}]
    flow = {"worker_utilization": {"last_1_minute": 1.0}}
    return report | {"details": {"status": {"state": state}, "flow": flow}}


@contextmanager
def serving(report: dict[str, Any]) -> Iterator[str]:
    """Serve a report on 127.0.0.1; give the API's address."""

    def answer(method: str, address: str, headers: Any, body: bytes) -> Answer:
        return (200, report) if (method, address) == ("GET", "/_health_report") else (404, {"path": address})

    with ThreadingHTTPServer(("127.0.0.1", 0), answering(answer)) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
