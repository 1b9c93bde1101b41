"""Scaled time in Step Functions: what fault tests change about moto's engine, and what they leave alone."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.settings import ACCOUNT
from tests.support import time_scaling

Run = Callable[..., dict[str, Any]]
LONG = 60  # s, in the definition


@pytest.fixture
def scaled(cloud: LocalCloud) -> Iterator[list[tuple[str, str]]]:
    """The engine with scaled time; return what it tells of entered states."""
    entered: list[tuple[str, str]] = []
    with Replacements() as replacements:
        time_scaling.shorten_waits(replacements, 0.001)
        time_scaling.remember_what_never_changes(replacements)
        time_scaling.tell_entered_states(replacements, lambda arn, state: entered.append((arn, state)))
        yield entered


def test_a_wait_takes_a_part_of_its_time(scaled: list[tuple[str, str]], run: Run) -> None:
    began = time.monotonic()
    ended = run({"W": {"Type": "Wait", "Seconds": LONG, "End": True}}, {"kept": 1})
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", {"kept": 1})
    assert time.monotonic() - began < LONG / 2


def test_every_entered_state_is_told(scaled: list[tuple[str, str]], run: Run) -> None:
    ended = run({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}})
    assert scaled == [(ended["executionArn"], "A"), (ended["executionArn"], "B")]


def test_a_retry_waits_a_part_of_its_time_and_counts_anew_in_each_execution(
    scaled: list[tuple[str, str]], start: Callable[..., str], end_of: Run, fail: str, cloud: LocalCloud
) -> None:
    retry = [{"ErrorEquals": ["NotYet"], "IntervalSeconds": LONG, "MaxAttempts": 2}]
    parameters = {"FunctionName": fail, "Payload": {"error": "NotYet"}}
    states = {
        "F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
        | {"Retry": retry, "End": True}
    }
    first = start(states)
    machine = cloud.client("stepfunctions").describe_execution(executionArn=first)["stateMachineArn"]
    second = cloud.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    counts = [_failures(cloud, end_of(arn)["executionArn"]) for arn in (first, second)]
    assert counts == [3, 3]


def test_a_request_is_answered_without_a_connection(cloud: LocalCloud) -> None:
    message: list[int] = []
    client = cloud.client("ssm")

    def send(request: Any, **_: Any) -> Any:
        answer = time_scaling.answer(request, "ssm", cloud.region)
        message.append(answer.status_code)
        return answer

    client.meta.events.register("before-send.ssm", send)
    try:
        nobody: Any = [{"Key": "Name", "Values": ["nobody"]}]
        assert client.describe_parameters(ParameterFilters=nobody)["Parameters"] == []
    finally:
        client.meta.events.unregister("before-send.ssm", send)
    assert message == [200]


def test_an_execution_has_its_status_without_a_request(run: Run, cloud: LocalCloud) -> None:
    ended = run({"S": {"Type": "Succeed"}})
    status = time_scaling.execution_status(ended["executionArn"], region=cloud.region, account=cloud.account)
    assert status == "SUCCEEDED"


def _failures(cloud: LocalCloud, arn: str) -> int:
    events = cloud.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
    return sum(event["type"] == "TaskFailed" for event in events)


def test_what_has_ended_is_forgotten_and_what_runs_is_kept(
    cloud: LocalCloud, start: Callable[..., str], run: Run
) -> None:
    ended = run({"S": {"Type": "Succeed"}})["executionArn"]
    running = start({"W": {"Type": "Wait", "Seconds": LONG, "End": True}})
    client = cloud.client("stepfunctions")

    time_scaling.forget_what_ended(cloud.region, ACCOUNT)

    assert client.describe_execution(executionArn=running)["status"] == "RUNNING"
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        client.describe_execution(executionArn=ended)
    client.stop_execution(executionArn=running)
