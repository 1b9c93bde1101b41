"""What a document may hold has one definition, the input's schema; every other place is held to it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.modules.catalogue import Engine
from lambdas.new_instance import DEFAULT_RUN_SECONDS
from lambdas.production.input_schema import input_schema
from lambdas.production.machines.machine_need import machine_sizes
from local_cloud.paths import REPOSITORY
from tools.media_rules import PLACES, WRITTEN, rules, with_rules

NODES = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "nodes"
PROPERTIES = input_schema()["properties"]
DEFINITIONS = input_schema()["$defs"]


def test_the_media_nodes_have_the_rules_of_the_schema() -> None:
    text = WRITTEN.read_text()
    assert with_rules(text) == text, "run: make media-rules"


def test_a_place_without_room_for_the_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="has no lines"):
        with_rules("'use strict'")


def test_every_property_of_the_mix_the_encoding_and_the_output_is_some_nodes() -> None:
    named = {
        (section, name)
        for section in ("mix", "encode", "output")
        for name in PROPERTIES[section]["properties"]
    }
    lists = {("mix", "fades"), ("encode", "renditions"), ("output", "destinations")}
    made_into_locations = {("output", "record"), ("output", "publish")}
    made_into_nodes = {("output", "recordSources")}
    assert named - set(PLACES) == lists | made_into_locations | made_into_nodes


@pytest.mark.parametrize("node", rules())
def test_the_editor_takes_what_is_new_in_the_palette_from_the_rules(node: str) -> None:
    page = (NODES / f"{node}.html").read_text()
    for name, rule in rules()[node].items():
        stated = re.search(rf"\b{name}: {{\s*value: ([^,]+(?:, '\w+'\))?)", page)
        assert stated, name
        if "default" in rule:
            assert stated[1] == f"organistMedia.initial('{node}', '{name}')"


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ("media-source", "pattern"),
        ("media-source", "kind"),
        ("media-source", "mode"),
        ("media-encoder", "preset"),
        ("media-encoder", "codec"),
    ],
)
def test_the_editor_offers_what_the_rules_allow(node: str, name: str) -> None:
    page = (NODES / f"{node}.html").read_text()
    select = re.search(rf'<select id="node-input-{name}">(.*?)</select>', page, re.DOTALL)
    assert select
    assert re.findall(r'<option value="([^"]+)"', select[1]) == rules()[node][name]["enum"]


def flow_properties() -> dict[str, list[dict[str, Any]]]:
    """The nodes of the flows of our own, by type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in ("mix", "encode"):
        flow = json.loads((REPOSITORY / "lambdas" / "flows" / "media" / f"{name}.json").read_text())
        for node in [*flow["nodes"], *flow["configs"]]:
            found.setdefault(node["type"], []).append(node)
    return found


def test_no_flow_states_what_the_document_says() -> None:
    for node, known in rules().items():
        for stated in flow_properties().get(node, []):  # of a destination none stands in a flow
            assert set(stated) & set(known) <= {"location"}, stated["id"]
    dynamorse = "".join(
        path.read_text() for path in (REPOSITORY / "lambdas" / "flows" / "dynamorse").glob("*.json")
    )
    assert not re.search(r'"(bitrate|gopFrames|mix|pullURL)":', dynamorse)


def test_what_is_said_elsewhere_is_the_schemas() -> None:
    assert PROPERTIES["runSeconds"]["default"] == DEFAULT_RUN_SECONDS
    assert set(PROPERTIES["engine"]["enum"]) == {str(engine) for engine in Engine}
    assert set(PROPERTIES["encode"]["properties"]["preset"]["enum"]) == set(
        machine_sizes()["measured"]["presets"]
    )
    assert DEFINITIONS["fade"]["properties"]["atSeconds"]["maximum"] == PROPERTIES["runSeconds"]["maximum"]


@given(st.from_regex(DEFINITIONS["module"]["pattern"].removesuffix("$"), fullmatch=True))
def test_node_red_installs_every_module_that_a_document_may_name(name: str) -> None:
    settings = (REPOSITORY / "tasks" / "node-red" / "machine-settings.js").read_text()
    known = re.search(r"^const NPM_NAME = /(.+)/$", settings, re.MULTILINE)
    assert known
    assert re.fullmatch(known[1], name)


def test_a_rule_that_the_schema_says_twice_it_says_alike() -> None:
    kinds = DEFINITIONS["machine"]["properties"]["instanceType"]
    assert kinds["pattern"] == kinds["items"]["pattern"]
    module = DEFINITIONS["module"]
    name = module["properties"]["name"]
    assert (module["pattern"], module["maxLength"]) == (name["pattern"], name["maxLength"])
    stored = PROPERTIES["output"]["properties"]["location"]["pattern"]
    assert stored in {
        one["then"]["properties"].get("location", {}).get("pattern") for one in DEFINITIONS["source"]["allOf"]
    }
    faders = (PROPERTIES["mix"]["properties"]["fader"], DEFINITIONS["fade"]["properties"]["fader"])
    assert len({(fader["minimum"], fader["maximum"]) for fader in faders}) == 1


def test_the_events_of_the_console_have_the_schemas_defaults() -> None:
    events = REPOSITORY / "step_functions" / "events"
    mix = json.loads((events / "makeAMix.json").read_text())["mix"]
    assert mix == {
        name: known["default"]
        for name, known in PROPERTIES["mix"]["properties"].items()
        if "default" in known
    }
    encode = json.loads((events / "makeAnEncode.json").read_text())["production"]["encode"]
    assert encode == {name: known["default"] for name, known in PROPERTIES["encode"]["properties"].items()}
