"""The flows of organist's own media nodes, filled in from a production."""

from collections.abc import Sequence
from typing import Any

from lambdas.engines.flow_template import ROW, Flow, load_flow, repeat_node, set_properties
from lambdas.production.contribution import listening_port, source_name
from lambdas.production.destinations import destination_name, destination_port
from lambdas.production.model import Destination, Mix, Production, Source
from lambdas.production.source_recordings import recorded_sources, recording_name
from lambdas.runtime import ports

H264 = "h264"  # of sources by themselves, whatever the programme is: HEVC costs several times the processor


def mix_flow(production: Production) -> Flow:
    """Return the flow of the mixer machine.

    Args:
        production: As validateInput gives it.
    """
    mix = production["mix"]
    flow = load_flow("media/mix")
    set_properties(flow, "format", _format(mix))
    repeat_node(flow, "source-1", [f"source-{bus}" for bus, _ in enumerate(production["sources"], start=1)])
    for bus, source in enumerate(production["sources"], start=1):
        set_properties(flow, f"source-{bus}", _source(bus, source))
    set_properties(flow, "mixer", {"fader": mix["fader"], "fades": mix["fades"]})
    add_source_recordings(flow, production)
    set_properties(
        flow, "link-out", {"port": ports.LINK, "bitRate": mix["linkBitRate"], "latencyMs": mix["linkLatency"]}
    )
    return flow


def encode_flow(production: Production, mixer_address: str) -> Flow:
    """Return the flow of the encoder machine, which pulls from the mixer machine's private address."""
    mix, encode, output = production["mix"], production["encode"], production["output"]
    flow = load_flow("media/encode")
    set_properties(flow, "format", _format(mix))
    set_properties(
        flow, "link-in", {"address": mixer_address, "port": ports.LINK, "latencyMs": mix["linkLatency"]}
    )
    set_properties(flow, "encoder", encode)
    page = {
        "title": output["title"],
        "segmentSeconds": output["segmentSeconds"],
        "port": ports.PICTURES,
        "lowLatencyPort": ports.LOW_LATENCY,
        "publish": production["recording"]["publication"],
    }
    set_properties(flow, "hls-out", page)
    add_destinations(flow, output.get("destinations", []))
    recording = {"fileName": output["fileName"], "location": production["recording"]["location"]}
    set_properties(flow, "file-out", recording)
    return flow


def add_destinations(flow: Flow, destinations: Sequence[Destination]) -> None:
    """Put a node for each destination into a flow, behind its encoder.

    Args:
        flow: The encoder machine's.
        destinations: The production's.
    """
    encoder = next(node for node in flow["nodes"] if node["id"] == "encoder")
    last = max(node["y"] for node in flow["nodes"])
    for number, destination in enumerate(destinations, start=1):
        port = destination_port(number, destination)
        place = {
            "id": f"destination-{number}",
            "type": "media-destination",
            "x": 580,
            "y": last + number * ROW,
        }
        known = {"name": destination_name(number, destination), "number": number}
        flow["nodes"].append(
            {**place, **destination, **known, **({"port": port} if port else {}), "wires": []}
        )
        encoder["wires"][0].append(place["id"])


def add_source_recordings(flow: Flow, production: Production) -> None:
    """Put an encoder and a recording behind each source that is recorded by itself, beside the mixer.

    Args:
        flow: The mixer machine's, with its sources.
        production: As validateInput gives it.
    """
    last = max(node["y"] for node in flow["nodes"])
    encode = {key: value for key, value in production["encode"].items() if key != "renditions"}
    folder = production["recording"]["sources"]
    for row, (number, name) in enumerate(recorded_sources(production), start=1):
        encoder, recording = f"source-{number}-encoder", f"source-{number}-recording"
        file_name = recording_name(number, name)
        source = next(node for node in flow["nodes"] if node["id"] == f"source-{number}")
        source["wires"][0].append(encoder)
        flow["nodes"] += [
            {
                "id": encoder,
                "type": "media-encoder",
                "name": f"{name} by itself",
                "x": 360,
                "y": last + row * ROW,
            }
            | encode
            | {"codec": H264, "wires": [[recording]]},
            {
                "id": recording,
                "type": "media-file-out",
                "name": f"recording of {name}",
                "x": 580,
                "y": last + row * ROW,
                "fileName": file_name,
                "location": f"{folder}{file_name}" if folder else "",
                "wires": [],
            },
        ]


def _format(mix: Mix) -> dict[str, Any]:
    """Return the properties of the format's node, which both machines have."""
    stated = {"width": mix["width"], "height": mix["height"], "frameRate": mix["frameRate"]}
    return stated | ({"slate": mix["slate"]} if "slate" in mix else {})


def _source(bus: int, source: Source) -> dict[str, Any]:
    """Return the properties of a source's node; one that waits for its sender gets its port."""
    said: dict[str, Any] = {key: value for key, value in source.items() if key != "onLoss"}
    port = listening_port(bus, source)
    return {
        **said,
        "name": source_name(bus, source),
        "bus": bus,
        **({} if port is None else {"port": port}),
        **source.get("onLoss", {}),
    }
