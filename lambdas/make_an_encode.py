"""makeAnEncode: the production → the flow of the encoder machine, which pulls from the mixer machine."""

from lambdas.engines import dynamorse_flows, media_flows
from lambdas.modules.catalogue import Engine
from lambdas.production.events import EncodeEvent
from lambdas.runtime import ports
from lambdas.runtime.entry import Result, entry_point, require


@entry_point
def handler(event: EncodeEvent) -> Result:
    """Fill in the engine's ``encode.json``.

    Args:
        event: Has ``production`` as validateInput gives it, and ``mixerAddress``, the mixer machine's private
            address.

    Returns:
        ``flow``, and ``upstream``, what has to be open before the flow is deployed. dynamorse's encoder
        floods its log while the mixer machine's output is closed; ours waits quietly and needs nothing.
    """
    require(event, ["production", "mixerAddress"])
    production, address = event["production"], event["mixerAddress"]
    if production.get("engine") == Engine.DYNAMORSE:
        flow = dynamorse_flows.encode_flow(production, address)
        return {"flow": flow, "upstream": {"address": address, "port": ports.DYNAMORSE_MIXED}}
    return {"flow": media_flows.encode_flow(production, address), "upstream": {}}
