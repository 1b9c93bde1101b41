"""makeAnEncode: the production → the encoder's flow, which pulls from the mixer."""

from lambdas.entry import Event, Result, entry_point, require
from lambdas.flow_template import load_flow, set_properties


@entry_point
def handler(event: Event) -> Result:
    """Fill in ``flows/encode.json``.

    Parameters: ``event`` has ``production`` as validateInput gives it, and ``mixerAddress``, the mixer's
    private address.
    """
    require(event, ["production", "mixerAddress"])
    production = event["production"]
    mix, encode, output = production["mix"], production["encode"], production["output"]
    flow = load_flow("encode")
    set_properties(flow, "format", {key: mix[key] for key in ("width", "height", "frameRate")})
    set_properties(flow, "link-in", {"address": event["mixerAddress"], "latencyMs": mix["linkLatency"]})
    set_properties(flow, "encoder", encode)
    set_properties(flow, "hls-out", {"title": output["title"], "segmentSeconds": output["segmentSeconds"]})
    set_properties(flow, "file-out", {"fileName": output["fileName"]})
    return {"flow": flow}
