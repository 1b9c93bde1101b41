"""The flows that makeAMix and makeAnEncode fill in."""

from typing import Any

import pytest

from lambdas import make_a_mix, make_an_encode
from lambdas.engines.flow_template import Flow, load_flow, set_properties
from lambdas.engines.production_plan import make_production
from lambdas.production.model import Production
from lambdas.production.source_recordings import recording_name
from lambdas.runtime import ports
from lambdas.runtime.errors import InvalidEvent

EXECUTION = {"id": "arn:news", "name": "news", "startTime": "2026-11-22T19:00:00Z"}


@pytest.fixture
def production() -> Production:
    document: dict[str, Any] = {
        "mixParams": {"instanceName": "mixer", "instanceType": "t2.micro"},
        "encodeParams": {"instanceName": "encoder", "instanceType": "t2.micro"},
        "sources": [
            {"kind": "pattern", "pattern": "colour", "colour": "#ff0000"},
            {"kind": "file", "location": "/media/loop.mp4"},
        ],
        "mix": {
            "width": 640,
            "height": 360,
            "frameRate": 50,
            "fader": 0.5,
            "fades": [{"atSeconds": 3, "fader": 0}],
            "linkBitRate": 8000000,
            "linkLatency": 200,
        },
        "encode": {"bitRate": 1000000, "gopFrames": 25, "preset": "superfast"},
        "output": {"title": "Evening news", "fileName": "news.mp4", "segmentSeconds": 1},
    }
    return make_production(document, EXECUTION)


def node(flow: Flow, node_id: str) -> dict[str, Any]:
    return next(found for found in [*flow["nodes"], *flow["configs"]] if found["id"] == node_id)


def test_both_machines_show_the_slate_that_the_production_names(production: Production) -> None:
    assert "slate" not in node(make_a_mix.handler(dict(production), None)["flow"], "format")
    production["mix"]["slate"] = "s3://bucket/slate.png"
    mix = make_a_mix.handler(dict(production), None)["flow"]
    encode = make_an_encode.handler({"production": production, "mixerAddress": "10.0.0.5"}, None)["flow"]
    assert {node(flow, "format")["slate"] for flow in (mix, encode)} == {"s3://bucket/slate.png"}


def test_what_the_production_publishes_goes_to_a_folder_of_its_own(production: Production) -> None:
    event = {"production": production, "mixerAddress": "10.0.0.5"}
    assert node(make_an_encode.handler(event, None)["flow"], "hls-out")["publish"] == ""
    production["recording"]["publication"] = "s3://web/live/ab12cd34"
    flow = make_an_encode.handler(event, None)["flow"]
    assert node(flow, "hls-out")["publish"] == "s3://web/live/ab12cd34"


def test_the_mix_has_what_the_production_says(production: Production) -> None:
    flow = make_a_mix.handler(dict(production), None)["flow"]

    assert node(flow, "format") | {"width": 640, "height": 360, "frameRate": 50} == node(flow, "format")
    assert (node(flow, "source-1")["pattern"], node(flow, "source-1")["colour"]) == ("colour", "#ff0000")
    assert (node(flow, "source-2")["kind"], node(flow, "source-2")["location"]) == ("file", "/media/loop.mp4")
    assert [node(flow, f"source-{bus}")["bus"] for bus in (1, 2)] == [1, 2]
    assert node(flow, "mixer")["fader"] == 0.5
    assert node(flow, "mixer")["fades"] == [{"atSeconds": 3, "fader": 0, "seconds": 1}]
    assert (node(flow, "link-out")["bitRate"], node(flow, "link-out")["latencyMs"]) == (8000000, 200)


def test_a_mix_has_a_node_for_each_source_on_a_bus_of_its_own() -> None:
    document: dict[str, Any] = {
        "mixParams": {"instanceName": "mixer", "instanceType": "t2.micro"},
        "encodeParams": {"instanceName": "encoder", "instanceType": "t2.micro"},
        "sources": [
            {"kind": "pattern"},
            {"kind": "rtmp", "name": "drone"},
            {"kind": "srt", "latencyMs": 300, "onLoss": {"holdMs": 0}},
            {"kind": "srt", "mode": "caller", "address": "192.0.2.7", "port": 9000},
            {"kind": "rtp", "crop": True, "soundTrack": 2},
        ],
    }
    flow = make_a_mix.handler(dict(make_production(document, EXECUTION)), None)["flow"]
    sources = [found for found in flow["nodes"] if found["type"] == "media-source"]
    assert [found["bus"] for found in sources] == [1, 2, 3, 4, 5]
    assert [found["name"] for found in sources] == ["bus 1", "drone", "bus 3", "bus 4", "bus 5"]
    assert [found.get("port") for found in sources] == [None, 1935, 9722, 9000, 9734]
    assert [found["holdMs"] for found in sources] == [2000, 2000, 0, 2000, 2000]
    assert (sources[2]["latencyMs"], sources[4]["crop"], sources[4]["soundTrack"]) == (300, True, 2)
    assert all(found["wires"] == [["mixer"]] and "onLoss" not in found for found in sources)
    assert (
        len({(found["x"], found["y"]) for found in sources}) == len({found["id"] for found in sources}) == 5
    )


def test_a_source_that_is_recorded_by_itself_has_an_encoder_and_a_recording_beside_the_mixer(
    production: Production,
) -> None:
    def flow() -> Flow:
        made: Flow = make_a_mix.handler(dict(production), None)["flow"]
        return made

    assert not [found for found in flow()["nodes"] if found["type"] == "media-encoder"]
    production["output"]["recordSources"] = ["bus 2"]
    production["encode"] |= {"codec": "hevc", "renditions": [{"height": 90, "bitRate": 300_000}]}
    recorded = flow()
    assert [node(recorded, f"source-{bus}")["wires"] for bus in (1, 2)] == [
        [["mixer"]],
        [["mixer", "source-2-encoder"]],
    ]
    encoder, recording = node(recorded, "source-2-encoder"), node(recorded, "source-2-recording")
    assert (encoder["codec"], encoder["bitRate"], encoder["preset"]) == ("h264", 1_000_000, "superfast")
    assert ("renditions" in encoder, encoder["wires"]) == (False, [["source-2-recording"]])
    assert (recording["fileName"], recording["location"]) == ("2-bus-2.mp4", "")
    production["recording"]["sources"] = "s3://shows/ab12cd34/news-sources/"
    place = node(flow(), "source-2-recording")["location"]
    assert place == "s3://shows/ab12cd34/news-sources/2-bus-2.mp4"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Camera 1", "3-camera-1.mp4"),
        ("../Zürich/", "3-z-rich.mp4"),
        ("放送", "3.mp4"),
        ("a" * 40, f"3-{'a' * 40}.mp4"),
    ],
)
def test_a_recording_is_called_after_its_source(name: str, file: str) -> None:
    assert recording_name(3, name) == file


def test_the_encode_pulls_from_the_mixers_private_address(production: Production) -> None:
    event = {"production": production, "mixerAddress": "10.0.0.7"}
    flow = make_an_encode.handler(event, None)["flow"]

    assert node(flow, "link-in")["address"] == "10.0.0.7"
    assert node(flow, "link-in")["latencyMs"] == 200
    assert node(flow, "format")["frameRate"] == 50
    assert node(flow, "encoder")["preset"] == "superfast"
    assert (node(flow, "encoder")["bitRate"], node(flow, "encoder")["gopFrames"]) == (1000000, 25)
    assert (node(flow, "hls-out")["title"], node(flow, "hls-out")["segmentSeconds"]) == ("Evening news", 1)
    assert node(flow, "file-out")["fileName"] == "news.mp4"


def test_both_ends_of_the_link_use_one_port(production: Production) -> None:
    event = {"production": production, "mixerAddress": "10.0.0.7"}
    encode = make_an_encode.handler(event, None)["flow"]
    mix = make_a_mix.handler(dict(production), None)["flow"]
    assert node(mix, "link-out")["port"] == node(encode, "link-in")["port"] == ports.LINK


def test_no_flow_carries_a_secret(production: Production) -> None:
    made = [
        make_a_mix.handler(dict(production), None),
        make_an_encode.handler({"production": production, "mixerAddress": "10.0.0.7"}, None),
    ]
    assert "passphrase" not in str(made)
    assert "credentials" not in str(made)


def test_a_flow_is_fresh_each_time() -> None:
    set_properties(load_flow("media/mix"), "mixer", {"fader": 0})
    assert "fader" not in node(load_flow("media/mix"), "mixer")


def test_an_unknown_node_id_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError, match="no-such-node"):
        set_properties(load_flow("media/mix"), "no-such-node", {})


def test_the_events_lack_is_named() -> None:
    with pytest.raises(InvalidEvent, match="mixerAddress"):
        make_an_encode.handler({"production": {"mix": {}}}, None)
