"""checkProduction: one check of a production: are all chains delivering, since when, how long still."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, cast

from lambdas.engines.check_times import seconds_to_next_check
from lambdas.node_red.access import open_node_red
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import FlowFaulty, MediaChainDown, NodeREDUnreachable, NotOnAirYet
from lambdas.production.events import Chain, CheckEvent, NodeRedMachine, OnAir
from lambdas.runtime import polling
from lambdas.runtime.entry import entry_point, require
from lambdas.runtime.errors import InvalidEvent
from lambdas.runtime.metrics import publish
from lambdas.runtime.polling import poll
from lambdas.runtime.settings import NodeRedSettings
from lambdas.runtime.timestamps import from_iso

STATISTICS = (
    "chain",
    "state",
    "startedAt",
    "frames",
    "frameRate",
    "bitRate",
    "droppedFrames",
    "duplicatedFrames",
    "speed",
    "restarts",
    "linkLatencyMs",
    "linkLostPackets",
    "linkReconnects",
    "integratedLufs",
    "truePeakDbtp",
)

SOURCE_FACTS = ("name", "state", "lastError", "repeatedFrames", "absentFrames")
OUTPUT_FACTS = ("name", "state", "lastError", "restarts", "missedBytes")


@entry_point
def handler(event: CheckEvent) -> OnAir:
    """Check a production.

    Args:
        event: Has ``machines`` (each ``{"instanceName", "privateAddress"}``), ``production`` with
            ``runSeconds`` and ``checkSeconds``, and ``onAir``, the answer before this one, if there is one.

    Raises:
        FlowFaulty: Something in a deployed flow is wrong: the machine does not even try to put the chain on
            air.
        NotOnAirYet: No pictures have come yet.
        MediaChainDown: A chain that was on air delivers nothing; the machine is restarting it.
        NodeREDUnreachable: Node-RED gave no answer, or a server error: it starts, is overloaded, or is gone.
    """
    require(event, ["machines"])
    settings = NodeRedSettings.from_env()

    def look() -> OnAir:
        return check_production(event, lambda machine: open_node_red(machine, settings), datetime.now(UTC))

    # The first pictures are expected any moment.
    result = look() if event.get("onAir") else poll(look, NotOnAirYet, polling.NODE_RED)
    publish(
        figures(event, datetime.now(UTC)),
        details={"productionId": _production(event).get("productionId", "none")},
    )
    return result


def figures(event: CheckEvent, now: datetime) -> dict[str, float]:
    """Return what a check on air adds to the metrics; the first adds the time to on air."""
    started = _production(event).get("startedAt")
    if event.get("onAir") or not started:
        return {"OnAir": 1}
    return {"OnAir": 1, "TimeToOnAir": (now - from_iso(started)).total_seconds()}


def check_production(
    event: CheckEvent, open_machine: Callable[[NodeRedMachine], NodeRed], now: datetime
) -> OnAir:
    """Return since when the production is on air, what remains of its time (s), and each chain's statistics.

    Args:
        event: As the handler takes it.
        open_machine: Gives the client of a machine.
        now: The moment of this check.
    """
    if not isinstance(event["machines"], list):
        raise InvalidEvent("The event's machines are no list.")
    before, production = event.get("onAir"), _production(event)
    try:
        chains = [
            chain
            for machine in event["machines"]
            for chain in _chains(machine, _chains_of(machine, open_machine(machine)))
        ]
    except NodeREDUnreachable as error:
        if before is None:
            raise NotOnAirYet(str(error)) from error
        raise
    _check_flows(chains)
    _check_delivering(chains, before)
    since = from_iso(before["since"]) if before else now
    elapsed = (now - since).total_seconds()
    remaining = max(0, ceil(production.get("runSeconds", 0) - elapsed))
    return {
        "since": since.isoformat(timespec="milliseconds"),
        "elapsedSeconds": round(elapsed, 3),
        "remainingSeconds": remaining,
        "waitSeconds": seconds_to_next_check(elapsed, remaining, production.get("checkSeconds", remaining)),
        "chains": chains,
    }


def _production(event: CheckEvent) -> Mapping[str, Any]:
    return event.get("production") or {}


def _chains(machine: NodeRedMachine, chains: list[Chain]) -> list[Chain]:
    if not chains:
        raise NotOnAirYet(f"{machine['instanceName']} runs no chain yet.")
    return chains


def _chains_of(machine: NodeRedMachine, node_red: NodeRed) -> list[Chain]:
    return [
        cast(
            "Chain",
            {
                "instanceName": machine["instanceName"],
                "lastError": chain.get("lastError"),
                "faults": chain.get("faults") or [],
                "sources": [
                    {key: source.get(key) for key in SOURCE_FACTS} for source in chain.get("sources") or []
                ],
                "outputs": [
                    {key: output.get(key) for key in OUTPUT_FACTS} for output in chain.get("outputs") or []
                ],
            }
            | {key: chain.get(key) for key in STATISTICS},
        )
        for chain in node_red.metrics()["chains"]
    ]


def _check_flows(chains: list[Chain]) -> None:
    for chain in chains:
        if chain.get("faults"):
            message = "; ".join(chain["faults"])
            raise FlowFaulty(f"The chain {chain['chain']} on {chain['instanceName']} is stopped: {message}.")


def _check_delivering(chains: list[Chain], before: OnAir | None) -> None:
    known = {_key(chain): chain for chain in before["chains"]} if before else {}
    for chain in chains:
        # A chain that does not count its frames is on air as long as it runs.
        frames = chain.get("frames")
        stands_still = frames is not None and frames <= _frames_before(chain, known.get(_key(chain)))
        if chain["state"] == "running" and not stands_still:
            continue
        state = "stands still" if chain["state"] == "running" else f"is {chain['state']}"
        error = f"; its last error: {chain['lastError']}" if chain["lastError"] else ""
        message = f"The chain {chain['chain']} on {chain['instanceName']} {state}{error}."
        raise MediaChainDown(message) if before else NotOnAirYet(message)
    for machine, name in known.keys() - {_key(chain) for chain in chains}:
        raise MediaChainDown(f"The chain {name} on {machine} is gone: it was taken out of the flow.")


def _frames_before(chain: Chain, earlier: Chain | None) -> int:
    """Return how many frames the same run of a chain had made; one that was begun anew counts from zero."""
    if earlier is None or earlier.get("startedAt") != chain.get("startedAt"):
        return 0
    return earlier.get("frames") or 0


def _key(chain: Chain) -> tuple[str, str]:
    return chain["instanceName"], chain["chain"]
