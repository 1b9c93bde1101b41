"""A dynamorse production seen from outside."""

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from lambdas import deploy_node_red_module
from lambdas.check_production import check_production
from lambdas.engines.dynamorse_health import chains
from lambdas.node_red.errors import MediaChainDown, NotOnAirYet, UpstreamNotOpen
from lambdas.node_red.ports import is_open
from lambdas.production.events import CheckEvent, NodeRedMachine

if TYPE_CHECKING:
    from lambdas.node_red.client import NodeRed

MACHINE: NodeRedMachine = {"instanceName": "mixer-1", "privateAddress": "127.0.0.1"}
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


class Flows:
    """The flows of one machine's Node-RED."""

    def __init__(self, *ports: int) -> None:
        self._ports = ports

    def flows(self) -> list[dict[str, Any]]:
        outputs = [{"id": f"o.{port}", "type": "spm-http-out", "port": port} for port in self._ports]
        return [{"id": "t.1", "type": "tab"}, *outputs]


def check(event: dict[str, Any], *ports: int) -> dict[str, Any]:
    return dict(check_production(cast("CheckEvent", event), lambda _: cast("NodeRed", Flows(*ports)), START))


@pytest.fixture
def listening() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_port_is_open_or_not(listening: int, closed: int) -> None:
    assert is_open("127.0.0.1", listening)
    assert not is_open("127.0.0.1", closed)


def test_a_chain_runs_when_its_output_is_open() -> None:
    (chain,) = chains(MACHINE, cast("NodeRed", Flows(8713)), lambda *asked: asked == ("127.0.0.1", 8713))
    assert chain == {"instanceName": "mixer-1", "chain": "o.8713", "state": "running", "lastError": None}


def test_on_air_with_every_output_open(listening: int) -> None:
    event = {
        "machines": [MACHINE],
        "production": {"engine": "dynamorse", "runSeconds": 20, "checkSeconds": 5},
    }
    first = check(event, listening)
    assert first["remainingSeconds"] == 20
    again = check(event | {"onAir": first}, listening)
    assert [chain["state"] for chain in again["chains"]] == ["running"]


def test_a_closed_output_is_not_on_air_yet_and_later_a_chain_that_is_down(closed: int) -> None:
    event = {"machines": [MACHINE], "production": {"engine": "dynamorse"}}
    with pytest.raises(NotOnAirYet, match=f"port {closed}"):
        check(event, closed)
    before = {"since": "2026-11-22T19:00:00+00:00", "chains": [{"instanceName": "mixer-1", "chain": "x"}]}
    with pytest.raises(MediaChainDown, match=f"port {closed}"):
        check(event | {"onAir": before}, closed)


def test_a_machine_without_its_flow_is_not_on_air_yet() -> None:
    with pytest.raises(NotOnAirYet, match="no chain"):
        check({"machines": [MACHINE], "production": {"engine": "dynamorse"}})


def test_a_flow_waits_for_what_it_pulls_from(closed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_SECRET", "secret")
    upstream = {"address": "127.0.0.1", "port": closed}
    event = {**MACHINE, "flow": {"label": "dynamorse", "nodes": []}, "upstream": upstream}
    with pytest.raises(UpstreamNotOpen, match=str(closed)):
        deploy_node_red_module.handler(event, None)
