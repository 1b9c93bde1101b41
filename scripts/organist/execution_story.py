"""An execution's history, told as steps: which state, which machine, when, and what went wrong."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html (maxResults)
LARGEST_PAGE = 1000


class Change(StrEnum):
    """What a step says of its state."""

    ENTERED = "entered"
    LEFT = "left"
    REFUSED = "refused"  # a call failed; the state's Retry may ask again


@dataclass(frozen=True)
class Step:
    """One line of the story.

    ``state`` is the state's name, ``machine`` the instance's where the state belongs to one, ``data`` the
    state's input or output, ``error`` the named error of a refused call.
    """

    at: datetime
    change: Change
    state: str
    machine: str | None
    data: dict[str, Any]
    error: str = ""


def follow(sfn: "SFNClient", execution_arn: str, pause: Callable[[], None]) -> Iterator[Step]:
    """Give every step of an execution as it happens, until the execution has ended.

    Parameters: ``pause`` waits a moment between two looks at the history.
    """
    seen = 0
    entered: dict[int, Step] = {}
    while True:
        ended = sfn.describe_execution(executionArn=execution_arn)["status"] != "RUNNING"
        events = whole_history(sfn, execution_arn)
        yield from _steps(events[seen:], entered)
        seen = len(events)
        if ended:
            return
        pause()


def read_history(events: Sequence[Any]) -> Iterator[Step]:
    """Give every step of a whole history."""
    yield from _steps(events, {})


def _steps(events: Sequence[Any], entered: dict[int, Step]) -> Iterator[Step]:
    """Give the steps of some events; ``entered`` keeps which event belongs to which step."""
    for event in events:
        step = _read(event, entered)
        if step is not None:
            entered[event["id"]] = step
            yield step
        elif event.get("previousEventId") in entered:
            entered[event["id"]] = entered[event["previousEventId"]]


def whole_history(sfn: "SFNClient", execution_arn: str) -> list[Any]:
    """Give every event of an execution so far, the oldest first."""
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, PaginationConfig={"PageSize": LARGEST_PAGE}
    )
    return [event for page in pages for event in page["events"]]


def _read(event: Any, entered: dict[int, Step]) -> Step | None:
    kind: str = event["type"]
    if kind.endswith("StateEntered"):
        details = event["stateEnteredEventDetails"]
        data = _data(details.get("input"))
        return Step(event["timestamp"], Change.ENTERED, details["name"], _machine(data), data)
    if kind.endswith("StateExited"):
        details = event["stateExitedEventDetails"]
        data = _data(details.get("output"))
        return Step(event["timestamp"], Change.LEFT, details["name"], _machine(data), data)
    if kind in ("TaskFailed", "TaskTimedOut"):
        details = event.get("taskFailedEventDetails") or event.get("taskTimedOutEventDetails") or {}
        at = entered.get(event.get("previousEventId", 0))
        error = details.get("error") or "States.Timeout"
        state, machine = (at.state, at.machine) if at else ("", None)
        return Step(event["timestamp"], Change.REFUSED, state, machine, {}, error)
    return None


def _data(text: str | None) -> dict[str, Any]:
    read = json.loads(text) if text else {}
    return read if isinstance(read, dict) else {}


def _machine(data: dict[str, Any]) -> str | None:
    name = data.get("instanceName") or data.get("machine", {}).get("instanceName")
    return str(name) if name else None
