"""Executions: many at once, named or not, and stopped."""

import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_cloud.cloud import LocalCloud
from tests.contract.states import call
from tests.support.waiting import wait_until

Run = Callable[..., dict[str, Any]]


def test_executions_without_a_name_are_many(cloud: LocalCloud, start: Callable[..., str]) -> None:
    client = cloud.client("stepfunctions")
    first = start({"P": {"Type": "Pass", "End": True}})
    machine = client.describe_execution(executionArn=first)["stateMachineArn"]
    arns = {client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(5)}
    assert len(arns | {first}) == 6
    name = arns.pop().rsplit(":", 1)[-1]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name)


def test_stop_keeps_error_and_cause_and_is_at_once(
    cloud: LocalCloud, start: Callable[..., str], sleep: str
) -> None:
    client = cloud.client("stepfunctions")
    arn = start({"T": call(sleep)}, {"seconds": 30})
    client.stop_execution(executionArn=arn, error="Asked", cause="a person did")
    ended = client.describe_execution(executionArn=arn)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Asked", "a person did")
    assert ended["stopDate"] >= ended["startDate"]


def test_stop_in_a_wait_ends_the_history_as_aborted(cloud: LocalCloud, start: Callable[..., str]) -> None:
    client = cloud.client("stepfunctions")
    arn = start(
        {"W": {"Type": "Wait", "Seconds": 60, "Next": "Never"}, "Never": {"Type": "Pass", "End": True}}
    )
    wait_until(lambda: len(client.get_execution_history(executionArn=arn)["events"]) >= 2)
    client.stop_execution(executionArn=arn, error="Asked", cause="why")

    def last() -> Any:
        event = client.get_execution_history(executionArn=arn)["events"][-1]
        return event if event["type"] == "ExecutionAborted" else None

    details = wait_until(last)["executionAbortedEventDetails"]
    assert details == {"error": "Asked", "cause": "why"}
    names = [
        event["stateEnteredEventDetails"]["name"]
        for event in client.get_execution_history(executionArn=arn)["events"]
        if "stateEnteredEventDetails" in event
    ]
    assert names == ["W"]


def test_stop_between_two_retries_calls_nothing_more(
    cloud: LocalCloud, start: Callable[..., str], fail_first: str, tmp_path: Path
) -> None:
    counter = tmp_path / "calls"
    retry = {"ErrorEquals": ["NotYet"], "IntervalSeconds": 1, "BackoffRate": 1.0, "MaxAttempts": 99}
    arn = start({"T": call(fail_first, Retry=[retry])}, {"counter": str(counter), "times": 99})
    wait_until(counter.exists)
    cloud.client("stepfunctions").stop_execution(executionArn=arn)
    calls = len(counter.read_text().splitlines())
    time.sleep(1.3)  # longer than the wait between two calls
    assert len(counter.read_text().splitlines()) == calls


def test_stop_after_the_end_changes_nothing(cloud: LocalCloud, run: Run) -> None:
    client = cloud.client("stepfunctions")
    ended = run({"P": {"Type": "Pass", "End": True}})
    client.stop_execution(executionArn=ended["executionArn"], error="Late", cause="too late")
    again = client.describe_execution(executionArn=ended["executionArn"])
    assert again["status"] == "SUCCEEDED"
    assert "error" not in again


def test_twenty_executions_at_once(
    cloud: LocalCloud, start: Callable[..., str], end_of: Any, echo: str
) -> None:
    client = cloud.client("stepfunctions")
    branch = {"StartAt": "T", "States": {"T": call(echo)}}
    arn = start({"P": {"Type": "Parallel", "Branches": [branch, branch], "End": True}}, {"n": 0})
    machine = client.describe_execution(executionArn=arn)["stateMachineArn"]
    arns: dict[int, str] = {}

    def begin(number: int) -> None:
        document = json.dumps({"n": number})
        arns[number] = client.start_execution(stateMachineArn=machine, input=document)["executionArn"]

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outputs = {number: end_of(arns[number])["output"] for number in range(20)}
    assert outputs == {number: [{"n": number}] * 2 for number in range(20)}
