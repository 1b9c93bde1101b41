"""A dynamorse production seen from outside."""

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from lambdas import deploy_node_red_module
from lambdas.check_production import check_production
from lambdas.node_red.errors import FlowFaulty, MediaChainDown, NotOnAirYet, UpstreamNotOpen
from lambdas.node_red.ports import is_open
from lambdas.production.events import CheckEvent, NodeRedMachine

if TYPE_CHECKING:
    from lambdas.node_red.client import NodeRed

MACHINE: NodeRedMachine = {"instanceName": "mixer-1", "privateAddress": "127.0.0.1"}
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


class Machine:
    """One machine's Node-RED, with the chains that it tells of."""

    def __init__(self, *chains: dict[str, Any]) -> None:
        self._chains = chains

    def metrics(self) -> dict[str, Any]:
        return {"chains": list(self._chains)}


def chain(frames: int, **more: Any) -> dict[str, Any]:
    """An output as the machine tells of it."""
    state = "running" if frames else "starting"
    return {"chain": "encoded", "state": state, "frames": frames, "startedAt": "x", "lastError": None} | more


def check(event: dict[str, Any], *chains: dict[str, Any]) -> dict[str, Any]:
    return dict(
        check_production(cast("CheckEvent", event), lambda _: cast("NodeRed", Machine(*chains)), START)
    )


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_port_is_open_or_not(closed: int) -> None:
    assert not is_open("127.0.0.1", closed)
    with socket.create_server(("127.0.0.1", closed)):
        assert is_open("127.0.0.1", closed)


EVENT = {
    "machines": [MACHINE],
    "production": {"engine": "dynamorse", "runSeconds": 20, "checkSeconds": 5},
}


def test_it_is_on_air_while_pictures_reach_its_outputs() -> None:
    first = check(EVENT, chain(25))
    assert first["remainingSeconds"] == 20
    again = check(EVENT | {"onAir": first}, chain(150, frameRate=25))
    assert [(found["state"], found["frameRate"]) for found in again["chains"]] == [("running", 25)]


def test_without_pictures_it_is_not_on_air_yet_whatever_its_ports_say() -> None:
    with pytest.raises(NotOnAirYet, match="encoded on mixer-1 is starting; its last error: no such bucket"):
        check(EVENT, chain(0, lastError="no such bucket"))


def test_an_output_that_gets_no_more_pictures_is_down() -> None:
    first = check(EVENT, chain(25))
    with pytest.raises(MediaChainDown, match="encoded on mixer-1 stands still"):
        check(EVENT | {"onAir": first}, chain(25))


def test_what_a_published_module_is_known_to_do_wrong_ends_the_production() -> None:
    fault = "node-red-contrib-dynamorse-file-io 0.1.14, cloud-store-out.js: nothing is stored"
    with pytest.raises(FlowFaulty, match=r"file-io 0\.1\.14"):
        check(EVENT, chain(1, faults=[fault]))


def test_a_machine_without_its_flow_is_not_on_air_yet() -> None:
    with pytest.raises(NotOnAirYet, match="no chain"):
        check({"machines": [MACHINE], "production": {"engine": "dynamorse"}})


def test_a_flow_waits_for_what_it_pulls_from(closed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_SECRET", "secret")
    upstream = {"address": "127.0.0.1", "port": closed}
    event = {**MACHINE, "flow": {"label": "dynamorse", "nodes": []}, "upstream": upstream}
    with pytest.raises(UpstreamNotOpen, match=str(closed)):
        deploy_node_red_module.handler(event, None)
