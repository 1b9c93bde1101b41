"""From an execution's history to what a person reads: steps, facts, progress lines, the summary."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from local_cloud.ledger import Count
from organist.execution_story import Change, Step, follow
from organist.production_facts import ProductionFacts
from organist.progress import PlainProgress
from organist.summary import Outcome, nothing_left, summarise

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
CHAINS = [
    {"chain": "mixer", "frames": 510, "droppedFrames": 1},
    {"chain": "encoder", "frames": 498, "droppedFrames": 2},
]
CLEAN = {"instances": Count(2, 2, 0)}
DIRTY = {"instances": Count(2, 1, 1)}


class History:
    """Step Functions with one execution whose history grows from look to look."""

    def __init__(self, *looks: list[dict[str, Any]]) -> None:
        self._looks = list(looks)
        self._events: list[dict[str, Any]] = []

    def describe_execution(self, **_: str) -> dict[str, str]:
        return {"status": "RUNNING" if len(self._looks) > 1 else "SUCCEEDED"}

    def get_paginator(self, _: str) -> "History":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        self._events += self._looks.pop(0)
        middle = len(self._events) // 2
        return [{"events": self._events[:middle]}, {"events": self._events[middle:]}]


def event(number: int, kind: str, previous: int = 0, **details: Any) -> dict[str, Any]:
    at = START + timedelta(seconds=number)
    return {"id": number, "previousEventId": previous, "type": kind, "timestamp": at, **details}


def entered(number: int, name: str, data: Any) -> dict[str, Any]:
    details = {"name": name, "input": json.dumps(data)}
    return event(number, "TaskStateEntered", stateEnteredEventDetails=details)


def left(number: int, name: str, data: Any) -> dict[str, Any]:
    details = {"name": name, "output": json.dumps(data)}
    return event(number, "TaskStateExited", stateExitedEventDetails=details)


def steps(*looks: list[dict[str, Any]]) -> list[Step]:
    return list(follow(cast("Any", History(*looks)), "arn", lambda: None))


def test_every_step_is_told_once_in_its_order() -> None:
    told = steps(
        [entered(1, "ValidateInput", {})],
        [left(2, "ValidateInput", {}), entered(3, "NewInstance", {"instanceName": "mixer-1"})],
        [left(4, "NewInstance", {"instanceName": "mixer-1"})],
    )
    assert [(step.state, step.change) for step in told] == [
        ("ValidateInput", Change.ENTERED),
        ("ValidateInput", Change.LEFT),
        ("NewInstance", Change.ENTERED),
        ("NewInstance", Change.LEFT),
    ]
    assert [step.machine for step in told] == [None, None, "mixer-1", "mixer-1"]


def test_a_refused_call_belongs_to_the_state_that_made_it() -> None:
    refused = {"error": "NodeREDNotReady", "cause": "{}"}
    told = steps(
        [
            entered(1, "StartNodeRED", {"machine": {"instanceName": "mixer-1"}}),
            event(2, "TaskScheduled", 1),
            event(3, "TaskStarted", 2),
            event(4, "TaskFailed", 3, taskFailedEventDetails=refused),
        ]
    )
    assert (told[1].change, told[1].state) == (Change.REFUSED, "StartNodeRED")
    assert (told[1].machine, told[1].error) == ("mixer-1", "NodeREDNotReady")


def test_an_input_that_is_no_object_is_no_trouble() -> None:
    (step,) = steps([entered(1, "KeepInput", [1, 2])])
    assert step.data == {}


@pytest.fixture
def facts() -> ProductionFacts:
    gathered = ProductionFacts(START)
    machines = [
        {"role": "mixer", "instanceName": "mixer-1", "privateAddress": "127.0.0.2"},
        {"role": "encoder", "instanceName": "encoder-1", "privateAddress": "127.0.0.3"},
    ]
    look = {"look": {"result": {"chains": CHAINS}}}
    for step in steps(
        [left(2, "Launch", {"machines": machines}), left(9, "GoOnAir", look), entered(30, "TearDown", {})]
    ):
        gathered.add(step)
    return gathered


def test_the_facts_of_a_production(facts: ProductionFacts) -> None:
    assert facts.seconds_to_on_air == 9
    assert facts.seconds_on_air == 21
    assert facts.address("encoder") == "127.0.0.3"


def test_a_production_that_never_went_on_air() -> None:
    nothing = ProductionFacts(START)
    assert (nothing.seconds_to_on_air, nothing.seconds_on_air, nothing.address("mixer")) == (None, 0, None)


def test_the_summary_of_a_good_production(facts: ProductionFacts) -> None:
    told = summarise(facts, Outcome("SUCCEEDED"), CLEAN, [Path("a/encoder.mp4")])
    assert told.splitlines() == [
        "The production SUCCEEDED.",
        "Time to on air       9.0 s",
        "On air               21.0 s",
        "Frames               510 mixed, 498 encoded, 3 dropped",
        "Instances            2 started, 2 removed",
        "Pictures             a/encoder.mp4",
    ]


def test_the_summary_of_a_failed_production_says_why_and_what_is_left() -> None:
    told = summarise(ProductionFacts(START), Outcome("FAILED", "FlowRefused", "one\ntwo"), DIRTY, [])
    assert "FlowRefused\n    one\n    two" in told
    assert "2 started, 1 removed, 1 LEFT" in told
    assert not nothing_left(DIRTY)
    assert nothing_left(CLEAN)


def test_plain_progress_tells_a_change_once() -> None:
    written = StringIO()
    progress = PlainProgress(Console(file=written, width=200), START)
    boots = Step(START + timedelta(seconds=3), Change.ENTERED, "StartNodeRED", "mixer-1", {})
    installs = Step(
        boots.at, Change.ENTERED, "InstallNodeREDModule", "mixer-1", {"module": {"moduleName": "a"}}
    )
    hidden = Step(boots.at, Change.ENTERED, "CountLaunchFailures", None, {})
    with progress:
        for step in (boots, boots, hidden, installs):
            progress.show(step)
    assert written.getvalue().splitlines() == [
        "   3.0 s  mixer-1                  boots, joins the cluster",
        "   3.0 s  mixer-1                  installs a",
    ]
