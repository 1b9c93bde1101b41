"""Every place that states a port states that of ``lambdas/runtime/ports.py``, which it cannot read."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lambdas.engines import dynamorse_flows, media_flows
from lambdas.runtime import ports
from local_cloud.paths import REPOSITORY
from tests.unit.template.plain import plain_template, resources_of

TASKS = REPOSITORY / "tasks"
NODE_RED = TASKS / "node-red"
CONTRIBUTION = {
    *((number, "udp") for number in (*ports.SRT_IN, *ports.RTP_IN, *ports.SRT_OUT)),
    (ports.RTMP_IN, "tcp"),
}
LINK = {(ports.LINK, "udp"), (ports.LINK_CONTROL, "tcp")}
MEDIA = {
    (ports.NODE_RED, "tcp"),
    (ports.PICTURES, "tcp"),
    (ports.LOW_LATENCY, "udp"),
    *LINK,
    *CONTRIBUTION,
}
DYNAMORSE = {
    (ports.NODE_RED, "tcp"),
    (ports.DYNAMORSE_LEDGER, "tcp"),
    (ports.DYNAMORSE_ENCODED, "tcp"),
    (ports.DYNAMORSE_MIXED, "tcp"),
    (ports.DYNAMORSE_FADER, "udp"),
}
LOGSTASH = {(ports.DOCUMENTS, "tcp"), (ports.BEATS, "tcp")}
KNOWN = {number for number, _ in MEDIA | DYNAMORSE | LOGSTASH}


def mapped(definition: str) -> set[tuple[int, str]]:
    """The ports that a task definition opens on its machine, the same as in the container."""
    containers = json.loads((TASKS / f"{definition}.json").read_text())["containerDefinitions"]
    found = [mapping for one in containers for mapping in one.get("portMappings", [])]
    assert all(one["containerPort"] == one["hostPort"] for one in found)
    return {(one["hostPort"], one["protocol"]) for one in found}


def exposed(dockerfile: Path) -> set[tuple[int, str]]:
    """The ports that an image says it listens on."""
    lines = re.findall(r"^EXPOSE (.+)$", dockerfile.read_text(), re.MULTILINE)
    return numbered(" ".join(lines))


def numbered(text: str) -> set[tuple[int, str]]:
    """The ports of a text that says 1880/tcp, 8712, 8713/tcp or 9720-9727/udp."""
    found = set()
    for numbers, protocol in re.findall(r"(\d[\d, -]*)/(tcp|udp)", text):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", numbers):
            found |= {(number, protocol) for number in range(int(first), int(last or first) + 1)}
    return found


@pytest.mark.parametrize(
    ("definition", "folder", "expected"),
    [
        ("Node-RED-family", NODE_RED, MEDIA),
        ("Node-RED-dynamorse-family", NODE_RED / "dynamorse", DYNAMORSE),
    ],
)
def test_a_task_opens_what_its_image_listens_on(
    definition: str, folder: Path, expected: set[tuple[int, str]]
) -> None:
    assert mapped(definition) == exposed(folder / "Dockerfile") == expected


def test_logstash_listens_where_its_task_and_its_pipelines_say() -> None:
    assert mapped("logstash") == LOGSTASH
    pipelines = [path.read_text() for path in (REPOSITORY / "logstash" / "pipeline").glob("*.conf")]
    found = {int(port) for text in pipelines for port in re.findall(r"\bport => (\d+)", text)}
    assert found == {number for number, _ in LOGSTASH}
    beat = (REPOSITORY / "logstash" / "metricbeat" / "metricbeat.yml").read_text()
    assert f":localhost}}:{ports.BEATS}" in beat


@pytest.mark.parametrize(
    "name", ["Dockerfile", "dynamorse/Dockerfile", "machine-settings.js", "healthcheck.js"]
)
def test_node_red_listens_on_its_port_unless_told_otherwise(name: str) -> None:
    stated = re.findall(r"(?:\bPORT=|process\.env\.PORT \|\| )(\d+)", (NODE_RED / name).read_text())
    assert {int(port) for port in stated} == {ports.NODE_RED}


@pytest.mark.parametrize("definition", ["Node-RED-family", "Node-RED-dynamorse-family"])
def test_node_red_is_told_its_port(definition: str) -> None:
    (container,) = json.loads((TASKS / f"{definition}.json").read_text())["containerDefinitions"]
    assert {"name": "PORT", "value": str(ports.NODE_RED)} in container["environment"]


def test_the_template_opens_known_ports_only() -> None:
    template = plain_template()
    groups = resources_of(template, "AWS::EC2::SecurityGroup").values()
    rules: list[dict[str, Any]] = [
        rule
        for group in groups
        for way in ("Ingress", "Egress")
        for rule in group.get(f"SecurityGroup{way}", [])
    ]
    for way in ("Ingress", "Egress"):
        rules += resources_of(template, f"AWS::EC2::SecurityGroup{way}").values()
    stated = {rule[end] for rule in rules for end in ("FromPort", "ToPort") if isinstance(rule.get(end), int)}
    any_port = {1, 65535, ports.LEAST_OUT}  # of SRT sources that the mixer machine calls, of destinations
    assert stated - {80, 443} - any_port <= KNOWN
    assert {ports.NODE_RED, ports.PICTURES, ports.LOW_LATENCY, ports.LINK, ports.LINK_CONTROL} <= stated
    assert ports.DYNAMORSE_MIXED in stated
    assert {ports.SRT_IN[0], ports.SRT_IN[-1], ports.RTMP_IN, ports.RTP_IN[0], ports.RTP_IN[-1]} <= stated
    assert {ports.SRT_OUT[0], ports.SRT_OUT[-1]} <= stated
    assert template["Parameters"]["LogPort"]["Default"] == ports.DOCUMENTS
    message = re.findall(
        r'LOG_PORT, Value: !If \[HasMonitoring, "(\d+)"', (REPOSITORY / "template.yaml").read_text()
    )
    assert set(message) == {str(ports.DOCUMENTS)}


def test_no_flow_states_a_port_and_each_is_given_one_that_is_mapped() -> None:
    for path in (REPOSITORY / "lambdas" / "flows").rglob("*.json"):
        assert not re.search(r'"(port|oscPort)"', path.read_text()), path.name
    document = json.loads((REPOSITORY / "step_functions" / "events" / "makeAnEncode.json").read_text())
    stated = {
        node["port"]
        for node in media_flows.encode_flow(document["production"], "10.0.0.7")["nodes"]
        if "port" in node
    }
    assert stated == {ports.LINK, ports.PICTURES}
    encode = document["production"] | {"output": {"location": "s3://kept/news.h264"}, "region": "eu-west-1"}
    stated = {
        node["port"] for node in dynamorse_flows.encode_flow(encode, "10.0.0.7")["nodes"] if "port" in node
    }
    assert stated == {ports.DYNAMORSE_MIXED, ports.DYNAMORSE_ENCODED}


def test_the_console_s_event_and_the_page_on_security_say_the_same() -> None:
    event = json.loads((REPOSITORY / "step_functions" / "events" / "deployNodeREDModule.json").read_text())
    assert {node["port"] for node in event["flow"]["nodes"] if "port" in node} == {ports.LINK}
    page = (REPOSITORY / "docs" / "security.md").read_text()
    message = numbered("\n".join(re.findall(r"^\| (\d[\d, -]*/(?:tcp|udp)) \|", page, re.MULTILINE)))
    outputs = {(ports.DYNAMORSE_ENCODED, "tcp"), (ports.DYNAMORSE_MIXED, "tcp")}
    assert message == MEDIA | outputs | {(ports.DYNAMORSE_FADER, "udp")}
