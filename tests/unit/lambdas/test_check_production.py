"""checkProduction: on air with the first pictures of every chain, and what it says when one is down."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from lambdas.check_production import check_production
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import (
    FlowFaulty,
    MediaChainDown,
    NodeREDUnauthorised,
    NodeREDUnreachable,
    NotOnAirYet,
)
from lambdas.production.events import CheckEvent, NodeRedMachine
from lambdas.runtime.errors import InvalidEvent

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "production": {"runSeconds": 20, "checkSeconds": 5},
    "machines": [
        {"instanceName": "mixer-1", "privateAddress": "10.0.0.7"},
        {"instanceName": "encoder-1", "privateAddress": "10.0.0.8"},
    ],
}


def test_each_chain_says_how_its_outputs_are() -> None:
    output = {"name": "the service", "state": "waiting", "lastError": "away", "restarts": 3, "missedBytes": 7}
    machines = Machines()
    machines.chains["encoder-1"] = [Machines.chain("encoder", outputs=[output | {"told": {"bytes": 1}}])]
    mixer, encoder = machines.check()["chains"]
    assert (mixer["outputs"], encoder["outputs"]) == ([], [output])


def test_each_chain_says_what_is_shown_of_its_sources() -> None:
    machines = Machines()
    source = {
        "name": "camera",
        "state": "slate",
        "lastError": "SenderGone: …",
        "repeatedFrames": 7,
        "absentFrames": 3,
    }
    reported = source | {"skippedFrames": 1}
    machines.chains["mixer-1"] = [Machines.chain("mixer", sources=[reported])]
    mixer, encoder = machines.check()["chains"]
    assert mixer["sources"] == [source]
    assert encoder["sources"] == []


class Machines:
    """What each machine's Node-RED reports; a test changes it."""

    def __init__(self) -> None:
        self.chains: dict[str, list[dict[str, Any]] | Exception] = {
            "mixer-1": [self.chain("mixer")],
            "encoder-1": [self.chain("encoder")],
        }

    @staticmethod
    def chain(name: str, **changed: Any) -> dict[str, Any]:
        return {
            "chain": name,
            "state": "running",
            "frames": 25,
            "frameRate": 25.0,
            "bitRate": 3000000,
            "droppedFrames": 0,
            "duplicatedFrames": 0,
            "speed": 1.0,
            "restarts": 0,
            "lastError": None,
            "pid": 7,
        } | changed

    def check(self, seconds: float = 0, before: dict[str, Any] | None = None) -> dict[str, Any]:
        event = EVENT if before is None else EVENT | {"onAir": before}
        return dict(
            check_production(cast("CheckEvent", event), self.open, START + timedelta(seconds=seconds))
        )

    def open(self, machine: NodeRedMachine) -> NodeRed:
        message = self.chains[machine["instanceName"]]

        class Reporting:
            def metrics(self) -> dict[str, Any]:
                if isinstance(message, Exception):
                    raise message
                return {"chains": message}

        return cast("NodeRed", Reporting())


@pytest.fixture
def machines() -> Machines:
    return Machines()


def test_on_air_counts_from_the_first_check_at_which_all_deliver(machines: Machines) -> None:
    on_air = machines.check()
    assert on_air["since"] == "2026-11-22T19:00:00.000+00:00"
    assert (on_air["elapsedSeconds"], on_air["remainingSeconds"], on_air["waitSeconds"]) == (0, 20, 5)
    assert [chain["chain"] for chain in on_air["chains"]] == ["mixer", "encoder"]
    assert "pid" not in on_air["chains"][0]


def test_time_runs_out(machines: Machines) -> None:
    first = machines.check()
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=450)]
    machines.chains["encoder-1"] = [machines.chain("encoder", frames=440)]
    later = machines.check(18.2, first)
    # Never short of the time asked for: what is left of a second counts as one.
    assert (later["remainingSeconds"], later["waitSeconds"]) == (2, 2)

    machines.chains["mixer-1"] = [machines.chain("mixer", frames=520)]
    machines.chains["encoder-1"] = [machines.chain("encoder", frames=510)]
    last = machines.check(21, later)
    assert (last["remainingSeconds"], last["elapsedSeconds"]) == (0, 21)
    assert last["since"] == first["since"]


@pytest.mark.parametrize("state", ["starting", "waiting", "stopped"])
def test_a_chain_that_delivers_nothing_yet(machines: Machines, state: str) -> None:
    machines.chains["encoder-1"] = [machines.chain("encoder", state=state, frames=0, lastError="no route")]
    with pytest.raises(NotOnAirYet, match=f"encoder on encoder-1 is {state}; its last error: no route"):
        machines.check()


def test_no_chain_and_no_node_red_are_not_on_air_yet(machines: Machines) -> None:
    machines.chains["encoder-1"] = []
    with pytest.raises(NotOnAirYet, match="runs no chain yet"):
        machines.check()
    machines.chains["encoder-1"] = NodeREDUnreachable("refused.")
    with pytest.raises(NotOnAirYet, match="refused"):
        machines.check()


def test_a_wrong_token_is_never_hidden(machines: Machines) -> None:
    machines.chains["encoder-1"] = NodeREDUnauthorised("401.")
    with pytest.raises(NodeREDUnauthorised):
        machines.check()


def test_a_chain_that_goes_down_on_air(machines: Machines) -> None:
    before = machines.check()
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=99)]
    machines.chains["encoder-1"] = [machines.chain("encoder", state="waiting", frames=99)]
    with pytest.raises(MediaChainDown, match="encoder on encoder-1 is waiting"):
        machines.check(5, before)


def test_a_chain_that_stands_still_on_air(machines: Machines) -> None:
    before = machines.check()
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=99)]
    with pytest.raises(MediaChainDown, match="encoder on encoder-1 stands still"):
        machines.check(5, before)


def test_a_machine_that_vanishes_on_air(machines: Machines) -> None:
    before = machines.check()
    machines.chains["encoder-1"] = NodeREDUnreachable("refused.")
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=99)]
    with pytest.raises(NodeREDUnreachable):
        machines.check(5, before)


def test_an_event_that_makes_no_sense(machines: Machines) -> None:
    with pytest.raises(InvalidEvent, match="no list"):
        check_production(cast("CheckEvent", {"machines": "mixer"}), machines.open, START)


@pytest.mark.parametrize("moment", ["before", "on air"])
def test_a_fault_in_a_flow_ends_the_production_at_once(machines: Machines, moment: str) -> None:
    """It was asked for again 60 times, in 142 s, though nothing would ever change."""
    before = machines.check() if moment == "on air" else None
    faults = ["HLS and still: title must be 1 to 100 characters", "recording: fileName must be plain"]
    machines.chains["encoder-1"] = [machines.chain("encoder", state="stopped", frames=0, faults=faults)]
    with pytest.raises(FlowFaulty, match=r"encoder on encoder-1.*title must be.*fileName must be"):
        machines.check(5, before)


def test_a_chain_that_was_begun_anew_counts_from_zero(machines: Machines) -> None:
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=3000, startedAt="2026-11-22T19:00:00Z")]
    before = machines.check()
    machines.chains["encoder-1"] = [machines.chain("encoder", frames=50)]
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=50, startedAt="2026-11-22T19:02:00Z")]
    assert machines.check(130, before)["chains"][0]["frames"] == 50
    machines.chains["mixer-1"] = [machines.chain("mixer", frames=50, startedAt="2026-11-22T19:00:00Z")]
    with pytest.raises(MediaChainDown, match="stands still"):
        machines.check(130, before)


def test_a_chain_that_was_taken_out_of_the_flow_on_air(machines: Machines) -> None:
    before = machines.check()
    machines.chains["mixer-1"] = [machines.chain("an operator's own")]
    machines.chains["encoder-1"] = [machines.chain("encoder", frames=50)]
    with pytest.raises(MediaChainDown, match="The chain mixer on mixer-1 is gone"):
        machines.check(5, before)
