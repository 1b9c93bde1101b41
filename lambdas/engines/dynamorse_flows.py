"""The flows of dynamorse's nodes, filled in from a production.

Node ids contain a dot, as dynamorse demands; the configuration nodes have the ids that its ``self`` makes.
"""

from typing import Any

from lambdas.engines.flow_template import Flow, load_flow, set_properties
from lambdas.production.contribution import GRAINS
from lambdas.production.key_frames import exact_rate
from lambdas.production.model import Production, Source
from lambdas.runtime import ports

STORE = "s3://"
H264 = "h264"


def mix_flow(production: Production) -> Flow:
    """Return the flow of the mixer machine.

    Args:
        production: As validateInput gives it, its sources in S3 or pushed.
    """
    flow = load_flow("dynamorse/mix")
    for number, source in enumerate(production["sources"], start=1):
        if source["kind"] == GRAINS:
            _take_pushed(flow, number, source)
        else:
            set_properties(flow, f"source.{number}", _store(source["location"], production["region"]))
    set_properties(flow, "mix.1", {"mix": production["mix"]["fader"], "oscPort": ports.DYNAMORSE_FADER})
    # Nothing else paces: stores deliver, and the encoder pulls, as fast as they can.
    milliseconds = float(1000 / exact_rate(production["mix"]["frameRate"]))
    set_properties(flow, "out.1", {"port": ports.DYNAMORSE_MIXED, "timeout": milliseconds})
    return flow


def encode_flow(production: Production, mixer_address: str) -> Flow:
    """Return the flow of the encoder machine, which pulls from the mixer machine's private address."""
    encode = production["encode"]
    flow = load_flow("dynamorse/encode")
    set_properties(flow, "in.1", {"pullURL": f"http://{mixer_address}", "port": ports.DYNAMORSE_MIXED})
    set_properties(flow, "encoder.1", {"bitrate": encode["bitRate"], "gopFrames": encode["gopFrames"]})
    set_properties(flow, "out.2", {"port": ports.DYNAMORSE_ENCODED})
    set_properties(flow, "store.1", _store(production["output"]["location"], production["region"]))
    return flow


def _take_pushed(flow: Flow, number: int, source: Source) -> None:
    """Put what takes pushed grains in the place of a store, and before the mix what suits their coding."""
    coded = source.get("coding", H264) == H264
    to_planes = {"id": f"decoder.{number}", "type": "decoder", "name": f"decoder {number}"} if coded else {}
    taken = load_flow("dynamorse/pushed")["nodes"][0]
    for node in flow["nodes"]:
        if node["id"] == f"packer.{number}":
            if coded:
                del node["dstFormat"]
            node.update(to_planes)
    target = to_planes.get("id", f"packer.{number}")
    place = next(at for at, node in enumerate(flow["nodes"]) if node["id"] == f"source.{number}")
    store = flow["nodes"][place]
    flow["nodes"][place] = taken | {key: store[key] for key in ("id", "name", "x", "y")}
    set_properties(
        flow,
        f"source.{number}",
        {
            "path": f"/source/{number}",
            "port": ports.DYNAMORSE_PUSHED,
            "pullURL": "",  # read in every mode
            "wires": [[target]],
        },
    )


def _store(location: str, region: str) -> dict[str, Any]:
    bucket, _, key = location.removeprefix(STORE).partition("/")
    return {"region": region, "bucket": bucket, "key": key}
