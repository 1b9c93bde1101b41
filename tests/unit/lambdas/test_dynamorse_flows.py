"""The flows of a dynamorse production."""

import json
from pathlib import Path
from typing import Any

import pytest

from lambdas import make_a_mix, make_an_encode
from lambdas.engines.flow_template import Flow, load_flow
from lambdas.engines.production_plan import make_production
from lambdas.modules.errors import DynamorseNotDeployed
from lambdas.production.model import Production
from lambdas.runtime.settings import ModuleSettings
from lambdas.validate_input import check_image

INPUT = Path(__file__).parents[3] / "step_functions" / "dynamicInput.json"
EXECUTION = {"id": "arn:news", "name": "news", "startTime": "2026-11-22T19:00:00Z"}
SETTINGS = ModuleSettings(module_source="", media_buckets=("media",), region="eu-west-1")
MADE_BY_SELF = {"f089bf72.0f764": "device", "da7405b8.258bf8": "device", "30fb5980.cf04a6": "rtp-ext"}


def production(**more: Any) -> Production:
    return make_production(json.loads(INPUT.read_text()) | more, EXECUTION, SETTINGS)


def mix(**more: Any) -> dict[str, Any]:
    return make_a_mix.handler(dict(production(**more)), None)


def encode(**more: Any) -> dict[str, Any]:
    return make_an_encode.handler({"production": production(**more), "mixerAddress": "10.0.0.7"}, None)


def node(flow: Flow, node_id: str) -> dict[str, Any]:
    return next(found for found in flow["nodes"] if found["id"] == node_id)


def test_the_mixer_reads_two_objects_and_opens_its_output() -> None:
    sources = [{"kind": "s3", "location": f"s3://films/{name}.mp4"} for name in ("a/b", "c")]
    made = mix(sources=sources, mix={"fader": 0.25})
    first, second = node(made["flow"], "source.1"), node(made["flow"], "source.2")
    assert (first["region"], first["bucket"], first["key"]) == ("eu-west-1", "films", "a/b.mp4")
    assert second["key"] == "c.mp4"
    assert node(made["flow"], "mix.1")["mix"] == 0.25
    assert node(made["flow"], "out.1")["port"] == 8713
    assert made["upstream"] == {}


def test_the_encoder_pulls_from_the_mixer_and_waits_for_it() -> None:
    made = encode(encode={"bitRate": 2000000, "gopFrames": 30}, output={"location": "s3://kept/news.h264"})
    pull = node(made["flow"], "in.1")
    assert (pull["pullURL"], pull["port"], pull["path"]) == ("http://10.0.0.7", 8713, "/mix")
    encoder = node(made["flow"], "encoder.1")
    assert (encoder["dstFormat"], encoder["bitrate"], encoder["gopFrames"]) == ("h264", 2000000, 30)
    store = node(made["flow"], "store.1")
    assert (store["bucket"], store["key"]) == ("kept", "news.h264")
    assert made["upstream"] == {"address": "10.0.0.7", "port": 8713}


def test_both_ends_of_the_link_use_one_path() -> None:
    assert node(mix()["flow"], "out.1")["path"] == node(encode()["flow"], "in.1")["path"]


@pytest.mark.parametrize("name", ["dynamorse/mix", "dynamorse/encode"])
def test_flows_keep_dynamorses_rules(name: str) -> None:
    flow = load_flow(name)
    nodes = [*flow["nodes"], *flow["configs"]]
    ids = [found["id"] for found in nodes]
    assert all("." in node_id for node_id in ids)
    assert len(set(ids)) == len(ids)
    assert MADE_BY_SELF.items() <= {found["id"]: found["type"] for found in flow["configs"]}.items()
    wires = [target for found in flow["nodes"] for output in found["wires"] for target in output]
    assert set(wires) <= set(ids)
    devices = [found["device"] for found in flow["nodes"] if "device" in found]
    assert set(devices) <= set(ids)


# What the real nodes read without a default of their own; Node-RED gives posted flows none.
READ_BY_THE_NODES: dict[str, dict[str, Any]] = {
    "device": {"node_ref": "self.1"},
    "spm-http-in": {"protocol": "HTTP", "mode": "pull", "parallel": 1, "regenerate": False, "maxBuffer": 10},
    "spm-http-out": {
        "protocol": "HTTP",
        "mode": "pull",
        "pushURL": "",
        "parallel": 1,
        "regenerate": False,
    },
    # A grain over 1,000,000 bytes is read by so many requests at once; Highland takes no other than a number.
    "cloud-store-in": {"queueSize": 4, "regenerate": False, "maxBuffer": 10},
    "cloud-store-out": {"partSize": 5, "queueSize": 4, "timeout": 0},
}


def test_pictures_go_from_the_store_by_a_packer_to_the_mix() -> None:
    flow = load_flow("dynamorse/mix")
    assert node(flow, "source.1")["wires"] == [["packer.1"]]
    assert node(flow, "packer.2")["wires"] == [["mix.1"]]
    assert not [found for found in flow["nodes"] if found["type"] == "decoder"], (
        "a decoder refuses raw pictures"
    )


@pytest.mark.parametrize(
    ("coding", "then"), [({}, "decoder"), ({"coding": "h264"}, "decoder"), ({"coding": "raw"}, "packer")]
)
def test_pushed_grains_go_by_what_suits_their_coding_to_the_mix(coding: dict[str, str], then: str) -> None:
    store = {"kind": "s3", "location": "s3://films/c.grains"}
    flow = mix(sources=[store, {"kind": "grains"} | coding])["flow"]
    taken = node(flow, "source.2")
    assert (taken["type"], taken["mode"], taken["port"]) == ("spm-http-in", "push", 8712)
    assert (taken["path"], taken["wires"]) == ("/source/2", [[f"{then}.2"]])
    assert (node(flow, f"{then}.2")["type"], node(flow, f"{then}.2")["wires"]) == (then, [["mix.1"]])
    assert node(flow, "source.1")["type"] == "cloud-store-in"
    assert len(flow["nodes"]) == 6


@pytest.mark.parametrize(("rate", "milliseconds"), [(25, 40.0), (50, 20.0), (29.97, 1001 / 30)])
def test_the_mixers_output_paces_what_is_mixed(rate: float, milliseconds: float) -> None:
    out = node(mix(mix={"frameRate": rate})["flow"], "out.1")
    assert (out["backpressure"], out["timeout"]) == (False, pytest.approx(milliseconds))


def test_nobody_has_to_fetch_what_the_encoder_makes() -> None:
    out = node(load_flow("dynamorse/encode"), "out.2")
    assert (out["backpressure"], out["timeout"], out["cacheSize"]) == (False, 0, 100)


@pytest.mark.parametrize("name", ["dynamorse/mix", "dynamorse/encode"])
def test_flows_set_what_the_nodes_read(name: str) -> None:
    flow = load_flow(name)
    for found in [*flow["nodes"], *flow["configs"]]:
        read = READ_BY_THE_NODES.get(found["type"], {})
        assert {key: found.get(key) for key in read} == read
    kinds = {found["id"]: found.get("nmos_type", "").rpartition(":")[2] for found in flow["configs"]}
    assert kinds["f089bf72.0f764"] == "generic"
    assert kinds["da7405b8.258bf8"] == "pipeline"


def test_without_an_image_nothing_is_started() -> None:
    deployed = ModuleSettings.from_env({"MODULE_SOURCE": "", "DYNAMORSE_IMAGE": "no"})
    with pytest.raises(DynamorseNotDeployed, match="Deploy with --module-source"):
        check_image(production(), deployed)
    check_image(production(), SETTINGS)
    media = json.loads((INPUT.parent / "mediaInput.json").read_text())
    check_image(make_production(media, EXECUTION, deployed), deployed)
