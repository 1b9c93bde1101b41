"""An execution's history as steps: which state, which machine, when, and what went wrong."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryCallState, Retrying, retry_if_result

from lambdas.aws.errors import AwsThrottled, AwsUnavailable, name_aws_error

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

T = TypeVar("T")


# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html (maxResults)
LARGEST_PAGE = 1000
NEWEST_PAGE = 20  # more than happens between two polls, as a rule; all of it is read where it is not
MOST_FAILURES = 30  # polls in a row without an answer; at 2 s a minute


class StepChange(StrEnum):
    """What a step says of its state."""

    ENTERED = "entered"
    LEFT = "left"
    REFUSED = "refused"  # a call failed; the state's Retry may ask again


@dataclass(frozen=True)
class Step:
    """One line of the history.

    ``state`` is the state's name, ``machine`` the instance's where the state belongs to one, ``data`` the
    state's input or output, ``error`` the named error of a refused call.
    """

    at: datetime
    change: StepChange
    state: str
    machine: str | None
    data: dict[str, Any]
    error: str = ""

    def succeeded(self, state: str) -> bool:
        """Return whether the step leaves a state of this name that did what it is for: nothing was caught."""
        return self.state == state and self.change is StepChange.LEFT and "error" not in self.data


def follow(sfn: "SFNClient", execution_arn: str, sleep: Callable[[], None]) -> Iterator[Step]:
    """Yield every step of an execution as it happens, until the execution has ended.

    Only what is new is read, the newest first. AWS asking to slow down is no reason to stop.

    Args:
        sfn: The client to ask.
        execution_arn: The execution.
        sleep: Waits a moment between two polls of the history.

    Raises:
        ClientError, BotoCoreError: AWS refuses, or gave no answer ``MOST_FAILURES`` times in a row.
    """
    seen = 0
    entered: dict[int, Step] = {}
    while True:
        ended, events = patiently(partial(_poll, seen, sfn, execution_arn), sleep)
        yield from _steps(events, entered)
        seen = events[-1]["id"] if events else seen
        if ended:
            return
        sleep()


def describe_ended(sfn: "SFNClient", execution_arn: str, sleep: Callable[[], None]) -> Any:
    """Return DescribeExecution of an execution that has ended, once that is known everywhere.

    DescribeExecution is eventually consistent: after the end it may once more say that the execution runs.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html

    Args:
        sfn: The client to ask.
        execution_arn: The execution.
        sleep: Waits a moment between two calls.

    Raises:
        ClientError, BotoCoreError: As ``follow`` does.
    """
    polling = Retrying(
        retry=retry_if_result(lambda execution: execution["status"] == "RUNNING"), sleep=lambda _: sleep()
    )
    return polling(patiently, partial(sfn.describe_execution, executionArn=execution_arn), sleep)


def patiently(ask: Callable[[], T], sleep: Callable[[], None]) -> T:
    """Return AWS's answer, asked again while AWS wants to slow down or, for a while, gives none.

    Args:
        ask: Makes the call.
        sleep: Waits a moment between two calls.

    Raises:
        ClientError, BotoCoreError: AWS refuses, or gave no answer ``MOST_FAILURES`` times in a row.
    """
    return Retrying(retry=_passes, sleep=lambda _: sleep(), reraise=True)(ask)


def _poll(seen: int, sfn: "SFNClient", execution_arn: str) -> tuple[bool, list[Any]]:
    ended = sfn.describe_execution(executionArn=execution_arn)["status"] != "RUNNING"
    return ended, _events_after(seen, sfn, execution_arn)


def _passes(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, (ClientError, BotoCoreError)):
        return False
    named = name_aws_error(error)
    return isinstance(named, AwsThrottled) or (
        isinstance(named, AwsUnavailable) and state.attempt_number < MOST_FAILURES
    )


def _events_after(seen: int, sfn: "SFNClient", execution_arn: str) -> list[Any]:
    new: list[Any] = []
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, reverseOrder=True, PaginationConfig={"PageSize": NEWEST_PAGE}
    )
    for page in pages:
        fresh = [event for event in page["events"] if event["id"] > seen]
        new += fresh
        if len(fresh) < len(page["events"]):
            break
    return new[::-1]


def read_history(events: Sequence[Any]) -> Iterator[Step]:
    """Yield every step of a whole history."""
    yield from _steps(events, {})


def _steps(events: Sequence[Any], entered: dict[int, Step]) -> Iterator[Step]:
    """Yield the steps of some events; ``entered`` keeps which event belongs to which step."""
    for event in events:
        step = _read(event, entered)
        if step is not None:
            entered[event["id"]] = step
            yield step
        elif event.get("previousEventId") in entered:
            entered[event["id"]] = entered[event["previousEventId"]]


def whole_history(sfn: "SFNClient", execution_arn: str) -> list[Any]:
    """Return every event of an execution so far, the oldest first."""
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, PaginationConfig={"PageSize": LARGEST_PAGE}
    )
    return [event for page in pages for event in page["events"]]


def _read(event: Any, entered: dict[int, Step]) -> Step | None:
    kind: str = event["type"]
    if kind.endswith("StateEntered"):
        details = event["stateEnteredEventDetails"]
        data = _data(details.get("input"))
        return Step(event["timestamp"], StepChange.ENTERED, details["name"], _machine(data), data)
    if kind.endswith("StateExited"):
        details = event["stateExitedEventDetails"]
        data = _data(details.get("output"))
        return Step(event["timestamp"], StepChange.LEFT, details["name"], _machine(data), data)
    if kind in ("TaskFailed", "TaskTimedOut"):
        details = event.get("taskFailedEventDetails") or event.get("taskTimedOutEventDetails") or {}
        at = entered.get(event.get("previousEventId", 0))
        error = details.get("error") or "States.Timeout"
        state, machine = (at.state, at.machine) if at else ("", None)
        return Step(event["timestamp"], StepChange.REFUSED, state, machine, {}, error)
    return None


def _data(text: str | None) -> dict[str, Any]:
    read = json.loads(text) if text else {}
    return read if isinstance(read, dict) else {}


def _machine(data: dict[str, Any]) -> str | None:
    name = data.get("instanceName") or data.get("machine", {}).get("instanceName")
    return str(name) if name else None
