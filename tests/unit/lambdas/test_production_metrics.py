"""Metrics in log lines, in CloudWatch's embedded metric format."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas import make_a_mix
from lambdas.check_production import figures
from lambdas.node_red.errors import NodeREDUnreachable
from lambdas.runtime.entry import Event, Result, entry_point
from lambdas.runtime.errors import InvalidEvent
from lambdas.runtime.metrics import UNITS, publish
from local_cloud.paths import REPOSITORY

NOW = datetime(2026, 11, 22, 19, 1, 30, tzinfo=UTC)


def lines(text: str) -> list[dict[str, Any]]:
    message = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in message if "_aws" in line]


def test_a_line_is_what_cloudwatch_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_NAME", "studio")
    publish({"TimeToOnAir": 61.5}, {"step": "x"}, {"productionId": "1f0c9a2e"})
    (line,) = lines(capsys.readouterr().out)
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == "organist"
    assert {name for group in described["Dimensions"] for name in group} == {"service", "step"}
    assert described["Metrics"] == [{"Name": "TimeToOnAir", "Unit": "Seconds"}]
    assert (line["service"], line["productionId"], line["TimeToOnAir"]) == ("studio", "1f0c9a2e", [61.5])


def test_one_line_knows_nothing_of_the_one_before(capsys: pytest.CaptureFixture[str]) -> None:
    publish({"OnAir": 1}, {"step": "x"})
    publish({"OrphansReaped": 0})
    second = lines(capsys.readouterr().out)[1]
    assert "OnAir" not in second
    assert "step" not in second


def test_the_first_check_on_air_says_how_long_it_took() -> None:
    event: Any = {"production": {"startedAt": "2026-11-22T19:00:00Z"}}
    assert figures(event, NOW) == {"OnAir": 1, "TimeToOnAir": 90}
    assert figures(event | {"onAir": {"since": "…"}}, NOW) == {"OnAir": 1}
    assert figures({"machines": []}, NOW) == {"OnAir": 1}


def test_a_step_that_failed_is_counted_and_one_that_asks_to_wait_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @entry_point
    def unreachable(_: Event) -> Result:
        raise NodeREDUnreachable("No answer.")

    with pytest.raises(NodeREDUnreachable):
        unreachable({}, None)
    assert lines(capsys.readouterr().out) == []
    with pytest.raises(InvalidEvent):
        make_a_mix.handler({}, None)
    (line,) = lines(capsys.readouterr().out)
    assert (line["StepFailed"], line["error"]) == ([1.0], "InvalidEvent")


@pytest.mark.parametrize("name", UNITS)
def test_every_metric_is_on_the_dashboard(name: str) -> None:
    dashboard = (REPOSITORY / "template.yaml").read_text().split("DashboardBody")[1]
    assert name in dashboard
