"""The alarm for a chain that is down on air: what it counts, and how long it takes to be sure."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.unit.template.looks_on_air import alarm_of, filter_of, logged, matches, refusals, told_by_a_machine

RUNS = 2000
METRIC = "ChainDown"


@pytest.fixture(scope="module")
def alarm() -> dict[str, Any]:
    return alarm_of(METRIC)


@pytest.mark.parametrize(
    ("state", "on_air", "raised"),
    [
        ("waiting", True, "MediaChainDown"),
        (None, True, "NodeREDUnreachable"),
        ("running", True, None),
        # Before it is on air a production that waits is none that is down.
        ("starting", False, "NotOnAirYet"),
        (None, False, "NotOnAirYet"),
    ],
)
def test_what_is_counted_of_the_functions_own_log(
    state: str | None, on_air: bool, raised: str | None
) -> None:
    pattern, _ = filter_of("CheckProductionLog", METRIC)
    lines = logged(state, on_air)
    assert [line["raised"] for line in lines if "raised" in line] == ([raised] if raised else [])
    found = [line for line in lines if matches(pattern, line)]
    assert len(found) == (raised in ("MediaChainDown", "NodeREDUnreachable"))


@pytest.mark.parametrize("chain", ["encoder", "Studio 2 «live»"])
def test_what_is_counted_of_a_machines_own_log(chain: str) -> None:
    pattern, _ = filter_of("NodeREDLogGroup", METRIC)
    told = told_by_a_machine(chain)
    assert matches(pattern, {"level": "warn", "message": told, "instanceName": "encoder-1"})
    for other in (f"Chain {chain}: waiting", f"Chain {chain} is running again"):
        assert not matches(pattern, {"message": other})


def test_the_alarm_is_of_those_figures(alarm: dict[str, Any]) -> None:
    figures = [filter_of(group, METRIC)[1] for group in ("NodeREDLogGroup", "CheckProductionLog")]
    for figure in figures:
        assert (figure["MetricNamespace"], figure["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])
        # Another stack's in the account has another.
        assert figure["MetricNamespace"] == {"Fn::Sub": "organist/${AWS::StackName}"}
    of_a_machine, of_a_look = (float(figure["MetricValue"]) for figure in figures)
    # A machine says it after ten seconds: its word alone is enough. One look is not: Node-RED may start anew.
    assert of_a_machine >= alarm["Threshold"] > of_a_look * 2
    assert alarm["Period"] == 60  # a metric of log lines has no finer figure
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Sum", "GreaterThanOrEqualToThreshold")


def share_of_alarms(seconds: float, threshold: int) -> float:
    """How many outages of so many seconds are seen, beginning at any moment of a minute."""
    chance = random.Random(17)  # noqa: S311 - the same moments at each run
    seen = 0
    for _ in range(RUNS):
        begin = chance.uniform(0, 60)
        minutes = Counter(int((begin + at) // 60) for at in refusals(seconds, chance))
        seen += max(minutes.values(), default=0) >= threshold
    return seen / RUNS


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [
        (3, 0.0, 0.1),  # what an encoder that dies costs
        (45, 0.9, 1.0),
        (60, 0.99, 1.0),
    ],
)
def test_a_minute_is_told_and_three_seconds_are_not(
    alarm: dict[str, Any], seconds: float, least: float, most: float
) -> None:
    assert least <= share_of_alarms(seconds, alarm["Threshold"]) <= most
