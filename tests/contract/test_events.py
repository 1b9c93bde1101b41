"""Status changes of executions reach the functions whose rules match, in AWS's shape; schedules run."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.errors import TemplateError
from local_cloud.events.bus import EventBus
from local_cloud.events.status_changes import DETAIL_TYPE
from local_cloud.moto_patches.event_patterns import matcher
from local_cloud.provisioning.function_events import connect
from tests.support.waiting import wait_until

FAILING = {"Fail": {"Type": "Fail", "Error": "Named", "Cause": "told"}}
WAITING = {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}
PASSING = {"Pass": {"Type": "Pass", "Result": {"a": 1}, "End": True}}


def listener(events: list[dict[str, Any]], *, well: bool) -> Callable[[str, dict[str, Any]], bool]:
    """A function that notes its events and ends well or not."""

    def call(_: str, event: dict[str, Any]) -> bool:
        events.append(event)
        return well

    return call


@pytest.fixture
def heard(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, dict[str, Any]]]:
    """Every event of an execution by its status, as a rule for all of them hears it."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(cloud.bus, "_call", listener(events, well=True))
    monkeypatch.setattr(cloud.bus, "_rules", [])
    cloud.bus.add_rule(matcher({"source": ["aws.states"]}), "listener")
    return lambda arn: {
        event["detail"]["status"]: event for event in events if event["detail"]["executionArn"] == arn
    }


def test_a_failed_execution(
    cloud: LocalCloud, start: Callable[..., str], heard: Callable[[str], dict[str, dict[str, Any]]]
) -> None:
    arn = start(FAILING, {"a": 1})
    event = wait_until(lambda: heard(arn).get("FAILED"))
    assert event is not None
    assert event["detail-type"] == DETAIL_TYPE
    assert (event["source"], event["resources"]) == ("aws.states", [arn])
    assert (event["account"], event["region"]) == (cloud.account, cloud.region)
    detail = event["detail"]
    assert json.loads(detail["input"]) == {"a": 1}
    assert (detail["error"], detail["cause"], detail["output"]) == ("Named", "told", None)
    assert detail["stateMachineArn"] == arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    assert detail["stopDate"] >= detail["startDate"] > 1_700_000_000_000
    assert wait_until(lambda: "RUNNING" in heard(arn))


def test_an_execution_that_succeeds(
    start: Callable[..., str], heard: Callable[[str], dict[str, dict[str, Any]]]
) -> None:
    arn = start(PASSING)
    event = wait_until(lambda: heard(arn).get("SUCCEEDED"))
    assert event is not None
    assert json.loads(event["detail"]["output"]) == {"a": 1}


def test_an_execution_that_is_stopped_is_told_once(
    cloud: LocalCloud, start: Callable[..., str], heard: Callable[[str], dict[str, dict[str, Any]]]
) -> None:
    arn = start(WAITING)
    for _ in range(2):
        cloud.client("stepfunctions").stop_execution(executionArn=arn, error="Enough", cause="told")
    event = wait_until(lambda: heard(arn).get("ABORTED"))
    assert event is not None
    assert (event["detail"]["error"], event["detail"]["stopDate"] is not None) == ("Enough", True)


def test_a_machine_that_runs_out_of_time(
    start: Callable[..., str], heard: Callable[[str], dict[str, dict[str, Any]]]
) -> None:
    arn = start({"StartAt": "Wait", "TimeoutSeconds": 1, "States": WAITING})
    assert wait_until(lambda: heard(arn).get("TIMED_OUT"))


def new_bus(call: Callable[[str, dict[str, Any]], bool], minute: float = 0.01) -> EventBus:
    return EventBus(call, region="eu-west-1", account="123456789012", minute=minute)


def test_a_rule_hears_what_it_names_only() -> None:
    called: list[str] = []
    both_are_there = threading.Event()

    def call(_: str, event: dict[str, Any]) -> bool:
        called.append(event["detail"]["status"])
        if event["detail"]["status"] == "ABORTED":
            both_are_there.set()
        return True

    bus = new_bus(call)
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED", "ABORTED"]}}
    connect(bus, "reaper", {"Ended": {"Type": "EventBridgeRule", "Properties": {"Pattern": pattern}}})
    for status in ("RUNNING", "SUCCEEDED", "ABORTED"):
        bus.publish("aws.states", DETAIL_TYPE, [], {"status": status})
    assert both_are_there.wait(10)
    bus.close()
    assert called == ["ABORTED"]


def test_a_function_that_fails_is_called_three_times_for_an_event() -> None:
    calls: list[dict[str, Any]] = []
    bus = new_bus(listener(calls, well=False))
    bus.add_rule(matcher({}), "reaper")
    bus.publish("aws.states", DETAIL_TYPE, [], {})
    wait_until(lambda: len(calls) == 3)
    bus.close()
    assert len({event["id"] for event in calls}) == 1


def test_a_schedule_runs_until_the_bus_is_closed() -> None:
    calls: list[dict[str, Any]] = []
    bus = new_bus(listener(calls, well=True))
    connect(bus, "reaper", {"Often": {"Type": "Schedule", "Properties": {"Schedule": "rate(5 minutes)"}}})
    wait_until(lambda: len(calls) >= 2)
    bus.close()
    assert calls[0]["detail-type"] == "Scheduled Event"


@pytest.mark.parametrize(
    "event",
    [
        {"Type": "SQS", "Properties": {}},
        {"Type": "Schedule", "Properties": {"Schedule": "cron(0 12 * * ? *)"}},
    ],
)
def test_what_the_local_cloud_lacks_fails_by_name(event: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        connect(new_bus(lambda *_: True), "reaper", {"Event": event})
