"""Each figure of a chain has one name: camelCase in JSON, the same words in snake_case elsewhere."""

import json
import re
import subprocess
from dataclasses import fields

import pytest

from lambdas.check_production import STATISTICS
from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from organist.metrics.figures import ChainFigures
from tests.faults.node_red_double import chain_metrics
from tests.metrics.support.recordings import HTTP, recorded

MEDIA_METRICS = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "lib" / "metrics"
TEMPLATE = REPOSITORY / "logstash" / "elasticsearch" / "index" / "organist-media.chain.json"
PANELS = REPOSITORY / "logstash" / "kibana" / "panels.json"
PAGE = REPOSITORY / "scripts" / "organist" / "metrics" / "page"
ASKED = f"""
const {{ Statistics }} = require({json.dumps(str(MEDIA_METRICS / "statistics"))})
const {{ chainDocument, chainMetrics }} = require({json.dumps(str(MEDIA_METRICS / "metrics"))})
const figures = new Statistics({{ now: () => 0 }}, 25).figures
const chain = {{ name: 'mixer', linkIn: null, linkOuts: [], faults: [] }}
const runner = {{ chain, state: 'running', figures, restarts: 0 }}
console.log(JSON.stringify([chainDocument(runner, {{}}, 0).media, chainMetrics(runner)].map(Object.keys)))
"""
NAMES = {"host", "instanceName", "productionId", "chain", "state", "timestamp"}
OF_A_PROCESS = {"pid", "startedAt", "updatedAt", "lastError", "faults", "sources", "outputs", "loudness"}


OF_AN_OUTPUT = f"""
const {{ outputDocuments }} = require({json.dumps(str(MEDIA_METRICS / "metrics"))})
const output = {{
  name: 'recording', kind: 'recording', isCalled: false, state: 'sending', pid: 1, restarts: 0,
  lastError: null, missedBytes: 0, queuedSeconds: 0, told: null
}}
const runner = {{ chain: {{ name: 'encoder' }}, engine: {{ encoders: [{{ outputs: [output] }}] }} }}
const documents = outputDocuments(runner, {{}}, 0)
console.log(JSON.stringify(documents.map(({{ mediaOutput }}) => Object.keys(mediaOutput))))
"""
OUTPUTS = TEMPLATE.with_name("organist-media.output.json")


def snake(name: str) -> str:
    """The same words as Python and Elasticsearch write them."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


@pytest.fixture(scope="module")
def message() -> tuple[set[str], set[str]]:
    """The figures of a chain's document, and of its metrics over HTTP."""
    asked = [str(toolchain.node()), "--eval", ASKED]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True)
    document, metrics = (set(keys) for keys in json.loads(answer.stdout))
    return document - NAMES, metrics - NAMES - OF_A_PROCESS


@pytest.fixture(scope="module")
def figures(message: tuple[set[str], set[str]]) -> set[str]:
    """Every figure of a chain."""
    return message[0]


def test_the_figures_are_these(message: tuple[set[str], set[str]]) -> None:
    counted = {"frames", "frameRate", "bitRate", "droppedFrames", "duplicatedFrames", "speed", "restarts"}
    counted |= {"linkLatencyMs", "linkLostPackets", "linkReconnects", "integratedLufs", "truePeakDbtp"}
    assert message == (counted, counted)


def test_check_production_answers_with_them(message: tuple[set[str], set[str]]) -> None:
    assert set(STATISTICS) - NAMES - OF_A_PROCESS == message[1]
    assert set(chain_metrics("mixer", 25)) - NAMES - OF_A_PROCESS == message[1]


def test_recorded_documents_have_them(figures: set[str]) -> None:
    lines = [*recorded("media"), *recorded("trouble")]
    documents = [line["document"]["media"] for line in lines if "media" in line["document"]]
    assert documents
    assert all(set(document) - NAMES == figures for document in documents)


def test_each_figure_of_an_output_has_one_name() -> None:
    asked = [str(toolchain.node()), "--eval", OF_AN_OUTPUT]
    (keys,) = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    own = set(keys) - {"host", "instanceName", "productionId", "timestamp"}
    recorded_keys = [
        set(line["document"]["mediaOutput"])
        for line in recorded("outputs")
        if "mediaOutput" in line["document"]
    ]
    assert recorded_keys
    assert all(found == set(keys) for found in recorded_keys)
    renamed = dict(
        re.findall(
            r'"\[@metadata\]\[document\]\[(\w+)\]" => "\[media\]\[output\]\[(\w+)\]"', HTTP.read_text()
        )
    )
    assert renamed == {name: snake(name) for name in own} | {"output": "name"}
    mappings = json.loads(OUTPUTS.read_text())["template"]["mappings"]["properties"]
    assert set(mappings["media"]["properties"]["output"]["properties"]) == set(renamed.values())


def test_logstash_renames_none(figures: set[str]) -> None:
    renamed = dict(
        re.findall(r'"\[@metadata\]\[document\]\[(\w+)\]" => "\[media\]\[chain\]\[(\w+)\]"', HTTP.read_text())
    )
    assert renamed == {name: snake(name) for name in figures} | {"chain": "name", "state": "state"}


def test_the_store_maps_and_the_dashboard_shows_them(figures: set[str]) -> None:
    mappings = json.loads(TEMPLATE.read_text())["template"]["mappings"]["properties"]
    fields_of_a_chain = set(mappings["media"]["properties"]["chain"]["properties"])
    assert fields_of_a_chain == {snake(name) for name in figures} | {"name", "state"}
    shown = set(re.findall(r'"media\.chain\.(\w+)"', PANELS.read_text()))
    assert shown
    assert shown <= fields_of_a_chain


def test_the_command_reads_them(figures: set[str]) -> None:
    read = {field.name for field in fields(ChainFigures)} - {"production", "machine", "chain", "state", "at"}
    assert read == {snake(name) for name in figures - {"duplicatedFrames"}}


def test_the_page_reads_them(figures: set[str]) -> None:
    media = (PAGE / "model.mjs").read_text().split("media: (part)")[1].split("nodeJS: (part)")[0]
    read = dict(re.findall(r"(\w+): number\(part\.(\w+)\)", media))
    assert set(read) == set(read.values()) == figures - {"duplicatedFrames"}
