"""Metricbeat's documents as they would be: its own shapes, and what it makes of our configuration.

python -m tests.metrics.recorded.write_metricbeat > tests/metrics/recorded/metricbeat.ndjson

Shapes by each metricset's ``_meta/data.json`` and code, https://github.com/elastic/beats/tree/main/metricbeat/module,
on a machine with cgroup v2: ``rss`` is what a container holds itself, ``usage`` has the page cache in it,
``usage.max`` is not known (https://github.com/elastic/beats/issues/40060).
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from local_cloud.paths import REPOSITORY
from tests.metrics.support.beats_model import configuration

METRICBEAT = REPOSITORY / "logstash" / "metricbeat" / "metricbeat.yml"
PRODUCTIONS = ("94214e97", "00123456", "700323d8")  # two that look like numbers
MACHINES = [
    ("mixer", PRODUCTIONS[0]),
    ("encoder", PRODUCTIONS[0]),
    ("mixer", PRODUCTIONS[1]),
    ("mixer", PRODUCTIONS[2]),
]
BEGIN, PERIOD, TIMES = datetime(2026, 11, 23, 3, 17, 40, tzinfo=UTC), 10, 5
MEMORY = 8_050_000_000
CONTAINERS = [
    ("Node-RED-family-3-Node-RED", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/organist-nodered:0")
]
CONTAINERS += [("metricbeat-1-metricbeat", "docker.elastic.co/beats/metricbeat:9.5.5")]
# One machine runs out of CPU credits, and its network drops packets from then on.
THROTTLED, FROM = "encoder-94214e97", 2
Document = dict[str, Any]


def documents() -> Iterator[Document]:
    """Yield the documents of some machines over some time."""
    settings = yaml.safe_load(METRICBEAT.read_text())
    for period in range(TIMES):
        for role, production in MACHINES:
            name = f"{role}-{production}"
            read = configuration(settings, {"INSTANCE_NAME": name, "PRODUCTION_ID": production})
            when = (BEGIN + timedelta(seconds=period * PERIOD)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            origin = {"agent": _agent(name), "ecs": {"version": "8.0.0"}, "host": {"name": name}}
            for dataset, fields in _figures(name, period):
                yield _merged({"@timestamp": when} | origin | read["fields"] | _kind(dataset), fields)


def _agent(name: str) -> Document:
    return {"type": "metricbeat", "version": "9.5.5", "name": name, "id": _hash(name)[:32]}


def _kind(dataset: str) -> Document:
    module, metricset = dataset.split(".")
    service = {"type": module} | ({"address": "unix:///var/run/docker.sock"} if module == "docker" else {})
    return {
        "event": {"dataset": dataset, "module": module, "duration": 1_279_088},
        "metricset": {"name": metricset, "period": PERIOD * 1000},
        "service": service,
        "tags": ["beats_input_raw_event"],
    }


def _figures(name: str, period: int) -> Iterator[tuple[str, Document]]:
    for number, (family, image) in enumerate(CONTAINERS):
        identity = _hash(f"{name}{family}")
        container: Document = {"id": identity, "name": f"ecs-{family}-{identity[:20]}", "runtime": "docker"}
        labels = {"com_amazonaws_ecs_task-definition-family": family.rsplit("-", 2)[0]}
        whole: Document = {"container": container | {"image": {"name": image}}}
        for metricset, figures in _container(number, period):
            yield (
                f"docker.{metricset}",
                whole | {"docker": {metricset: figures, "container": {"labels": labels}}},
            )
    throttled = name == THROTTLED and period >= FROM
    yield "system.cpu", {"system": {"cpu": _cpu(0.41 if throttled else 0.001, period)}}
    used = 900_000_000 + period * 1_000_000
    memory = {"total": MEMORY, "used": {"bytes": used + 1_200_000_000, "pct": 0.26}, "free": 5_900_000_000}
    actual = {"free": MEMORY - used, "used": {"bytes": used, "pct": round(used / MEMORY, 4)}}
    yield "system.memory", {"system": {"memory": memory | {"actual": actual, "cached": 1_200_000_000}}}
    dropped = (period - FROM + 1) * 120 if throttled else 0
    into, out = _traffic(7_000_000, period, dropped), _traffic(13_000_000, period, 0)
    yield "system.network", {"system": {"network": {"name": "ens5", "in": into, "out": out}}}
    if period:  # the machine's own sum is one of differences
        total = {
            "ingress": {"bytes": 7_000_000, "packets": 6000},
            "egress": {"bytes": 13_000_000, "packets": 11000},
        }
        yield "system.network", {"host": {"network": total}}


def _container(number: int, period: int) -> Iterator[tuple[str, Document]]:
    share = (1.2182, 0.021)[number] + period / 1000
    yield "cpu", {"total": {"pct": share, "norm": {"pct": share / 2}}, "user": {"pct": share * 0.9}}
    rss = (298_624_039, 99_579_240)[number] + period * 1_000_000
    cached = (2_100_000_000, 20_000_000)[number] + period * 50_000_000
    usage = {"total": rss + cached, "pct": (rss + cached) / MEMORY, "max": 0}
    held = {"total": rss, "pct": rss / MEMORY}
    yield "memory", {"fail": {"count": 0}, "limit": MEMORY, "rss": held, "usage": usage}
    into, out = (
        _traffic(6_200_000 - number * 6_000_000, period, 0),
        _traffic(12_400_000 - number * 12_000_000, period, 0),
    )
    yield "network", {"interface": "eth0", "inbound": into, "outbound": out}


def _cpu(steal: float, period: int) -> Document:
    user = 1.06 + period / 100
    parts = {"user": user, "steal": steal * 2, "idle": 2 - user - steal * 2, "total": user}
    return {"cores": 2} | {key: {"pct": part, "norm": {"pct": part / 2}} for key, part in parts.items()}


def _traffic(each: int, period: int, dropped: int) -> Document:
    total = each * (period + 1)
    return {"bytes": total, "packets": total // 1200, "errors": 0, "dropped": dropped}


def _merged(below: Document, above: Document) -> Document:
    both = below.keys() & above.keys()
    return (
        below | above | {key: _merged(below[key], above[key]) for key in both if isinstance(below[key], dict)}
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    for document in documents():
        print(json.dumps(document))
