"""makeAMix: the production → the flow of the mixer machine."""

from lambdas.engines import dynamorse_flows, media_flows
from lambdas.modules.catalogue import Engine
from lambdas.production.model import Production
from lambdas.runtime.entry import Result, entry_point, require

FLOWS = {Engine.MEDIA: media_flows.mix_flow, Engine.DYNAMORSE: dynamorse_flows.mix_flow}


@entry_point
def handler(event: Production) -> Result:
    """Fill in the engine's ``mix.json``.

    Args:
        event: The production as validateInput gives it; used are ``engine``, ``sources`` and ``mix``, and
            ``encode``, ``output`` and ``recording`` for sources that are recorded by themselves.

    Returns:
        ``flow``, and ``upstream``, what has to be open before the flow is deployed: nothing.
    """
    require(event, ["sources", "mix", "encode", "output", "recording"])
    make = FLOWS[Engine(event.get("engine") or Engine.MEDIA)]
    return {"flow": make(event), "upstream": {}}
