"""The flows of organist's own media nodes, filled in from a production."""

from typing import Any

from lambdas.engines.flow_template import Flow, load_flow, repeat_node, set_properties
from lambdas.production.contribution import listening_port, source_name
from lambdas.production.model import Production, Source
from lambdas.runtime import ports


def mix_flow(production: Production) -> Flow:
    """Return the flow of the mixer machine.

    Args:
        production: As validateInput gives it.
    """
    mix = production["mix"]
    flow = load_flow("media/mix")
    set_properties(flow, "format", {key: mix[key] for key in ("width", "height", "frameRate")})
    repeat_node(flow, "source-1", [f"source-{bus}" for bus, _ in enumerate(production["sources"], start=1)])
    for bus, source in enumerate(production["sources"], start=1):
        set_properties(flow, f"source-{bus}", _source(bus, source))
    set_properties(flow, "mixer", {"fader": mix["fader"], "fades": mix["fades"]})
    set_properties(
        flow, "link-out", {"port": ports.LINK, "bitRate": mix["linkBitRate"], "latencyMs": mix["linkLatency"]}
    )
    return flow


def encode_flow(production: Production, mixer_address: str) -> Flow:
    """Return the flow of the encoder machine, which pulls from the mixer machine's private address."""
    mix, encode, output = production["mix"], production["encode"], production["output"]
    flow = load_flow("media/encode")
    set_properties(flow, "format", {key: mix[key] for key in ("width", "height", "frameRate")})
    set_properties(
        flow, "link-in", {"address": mixer_address, "port": ports.LINK, "latencyMs": mix["linkLatency"]}
    )
    set_properties(flow, "encoder", encode)
    page = {
        "title": output["title"],
        "segmentSeconds": output["segmentSeconds"],
        "port": ports.PICTURES,
        "lowLatencyPort": ports.LOW_LATENCY,
    }
    set_properties(flow, "hls-out", page)
    set_properties(flow, "file-out", {"fileName": output["fileName"]})
    return flow


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
