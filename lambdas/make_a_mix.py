"""makeAMix: the production → the mixer's flow."""

from lambdas.entry import Event, Result, entry_point, require
from lambdas.flow_template import load_flow, set_properties


@entry_point
def handler(event: Event) -> Result:
    """Fill in ``flows/mix.json``.

    Parameters: ``event`` is the production as validateInput gives it; used are ``sources`` and ``mix``.
    """
    require(event, ["sources", "mix"])
    mix = event["mix"]
    flow = load_flow("mix")
    set_properties(flow, "format", {key: mix[key] for key in ("width", "height", "frameRate")})
    for bus, source in enumerate(event["sources"], start=1):
        set_properties(flow, f"source-{bus}", source)
    set_properties(flow, "mixer", {"fader": mix["fader"], "fades": mix["fades"]})
    set_properties(flow, "link-out", {"bitRate": mix["linkBitRate"], "latencyMs": mix["linkLatency"]})
    return {"flow": flow}
