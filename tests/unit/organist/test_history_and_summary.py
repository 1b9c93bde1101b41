"""From an execution's history to what a person reads: steps, facts, progress lines, the summary."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from organist.report.history import MOST_FAILURES, NEWEST_PAGE, Step, StepChange, follow
from organist.report.production_facts import ProductionFacts
from organist.report.progress import PlainProgress
from organist.report.summary import ExecutionOutcome, Remainder, nothing_left, summarise, verdict
from organist.terminal import open_console
from tests.unit.organist.histories import History

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
CHAINS = [
    {"chain": "mixer", "frames": 510, "droppedFrames": 1},
    {"chain": "encoder", "frames": 498, "droppedFrames": 2},
]
CLEAN = {"instances": Remainder(2, 0)}
DIRTY = {"instances": Remainder(2, 1)}


def event(number: int, kind: str, previous: int = 0, **details: Any) -> dict[str, Any]:
    at = START + timedelta(seconds=number)
    return {"id": number, "previousEventId": previous, "type": kind, "timestamp": at, **details}


def entered(number: int, name: str, data: Any) -> dict[str, Any]:
    details = {"name": name, "input": json.dumps(data)}
    return event(number, "TaskStateEntered", stateEnteredEventDetails=details)


def left(number: int, name: str, data: Any) -> dict[str, Any]:
    details = {"name": name, "output": json.dumps(data)}
    return event(number, "TaskStateExited", stateExitedEventDetails=details)


def steps(*polls: list[dict[str, Any]]) -> list[Step]:
    return list(follow(cast("Any", History(*polls)), "arn", lambda: None))


def test_every_step_is_told_once_in_its_order() -> None:
    message = steps(
        [entered(1, "ValidateInput", {})],
        [left(2, "ValidateInput", {}), entered(3, "NewInstance", {"instanceName": "mixer-1"})],
        [left(4, "NewInstance", {"instanceName": "mixer-1"})],
    )
    assert [(step.state, step.change) for step in message] == [
        ("ValidateInput", StepChange.ENTERED),
        ("ValidateInput", StepChange.LEFT),
        ("NewInstance", StepChange.ENTERED),
        ("NewInstance", StepChange.LEFT),
    ]
    assert [step.machine for step in message] == [None, None, "mixer-1", "mixer-1"]


def test_a_refused_call_belongs_to_the_state_that_made_it() -> None:
    refused = {"error": "NodeREDNotReady", "cause": "{}"}
    message = steps(
        [
            entered(1, "StartNodeRED", {"machine": {"instanceName": "mixer-1"}}),
            event(2, "TaskScheduled", 1),
            event(3, "TaskStarted", 2),
            event(4, "TaskFailed", 3, taskFailedEventDetails=refused),
        ]
    )
    assert (message[1].change, message[1].state) == (StepChange.REFUSED, "StartNodeRED")
    assert (message[1].machine, message[1].error) == ("mixer-1", "NodeREDNotReady")


def test_an_input_that_is_no_object_is_no_trouble() -> None:
    (step,) = steps([entered(1, "ValidateInput", [1, 2])])
    assert step.data == {}


@pytest.fixture
def facts() -> ProductionFacts:
    gathered = ProductionFacts(START)
    machines = [
        {"role": "mixer", "instanceName": "mixer-1", "privateAddress": "127.0.0.2"},
        {"role": "encoder", "instanceName": "encoder-1", "privateAddress": "127.0.0.3"},
    ]
    checked = {"onAir": {"chains": CHAINS}}
    for step in steps(
        [left(2, "Launch", {"machines": machines}), left(9, "GoOnAir", checked), entered(30, "TearDown", {})]
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


def test_a_production_that_failed_to_go_on_air_was_not_on_air() -> None:
    """A state whose error was caught is left as well."""
    failed = ProductionFacts(START)
    for step in steps([left(9, "GoOnAir", {"failure": {"Error": "NotOnAirYet", "Cause": ""}})]):
        failed.add(step)
    assert failed.seconds_to_on_air is None


def test_a_production_that_was_aborted_on_air_was_on_air_until_then() -> None:
    """StopExecution leaves no step of a teardown behind."""
    aborted = ProductionFacts(START)
    for step in steps([left(9, "GoOnAir", {"onAir": {"chains": CHAINS}})]):
        aborted.add(step)
    aborted.end(START + timedelta(seconds=30))
    assert aborted.seconds_on_air == 21


def test_the_end_of_the_execution_is_not_that_of_the_time_on_air(facts: ProductionFacts) -> None:
    facts.end(START + timedelta(seconds=99))
    assert facts.seconds_on_air == 21


def test_the_summary_of_a_good_production(facts: ProductionFacts) -> None:
    assert verdict(ExecutionOutcome("SUCCEEDED")) == "The production SUCCEEDED."
    message = summarise(facts, CLEAN, [Path("a/encoder.mp4")])
    assert message.splitlines() == [
        "Time to on air       9.0 s",
        "On air               21.0 s",
        "Frames               510 mixed, 498 recorded; 12 mixed and not recorded, 3 dropped",
        "Instances            2 started, 2 removed",
        "Pictures             a/encoder.mp4",
    ]


def test_the_summary_has_a_line_for_each_source(facts: ProductionFacts) -> None:
    sources = [
        {"name": "camera", "state": "live", "lastError": None, "repeatedFrames": 2, "absentFrames": 0},
        {
            "name": "studio",
            "state": "slate",
            "lastError": "no sender",
            "repeatedFrames": 0,
            "absentFrames": 75,
        },
    ]
    facts.chains["mixer"]["sources"] = sources
    assert [line for line in summarise(facts, CLEAN, []).splitlines() if line.startswith("Source")] == [
        "Source               camera: live, 0 frames absent, 2 repeated",
        "Source               studio: slate, 75 frames absent, 0 repeated; no sender",
    ]


def test_the_summary_has_a_line_for_each_destination(facts: ProductionFacts) -> None:
    well = {"name": "the service", "state": "sending", "lastError": None, "restarts": 0, "missedBytes": 0}
    away = {
        "name": "destination 2",
        "state": "waiting",
        "lastError": "gone",
        "restarts": 4,
        "missedBytes": 2_340_000,
    }
    facts.production = {
        "output": {"destinations": [{"kind": "rtmp", "name": "the service"}, {"kind": "rtp"}]}
    }
    facts.chains["encoder"]["outputs"] = [{"name": "HLS and still"}, away, well]
    assert [line for line in summarise(facts, CLEAN, []).splitlines() if line.startswith("Destination")] == [
        "Destination          the service: sending, 0 restarts, 0.0 MB missed",
        "Destination          destination 2: waiting, 4 restarts, 2.3 MB missed; gone",
    ]


def test_the_summary_tells_loudness_and_the_link_as_the_encoder_machine_does(facts: ProductionFacts) -> None:
    told = {"integratedLufs": -23.04, "truePeakDbtp": -4.2}
    facts.chains["encoder"] |= told | {"linkLatencyMs": 310.5, "linkLostPackets": 7, "linkReconnects": 1}
    assert summarise(facts, CLEAN, []).splitlines()[3:5] == [
        "Loudness             -23.0 LUFS integrated, true peak -4.2 dBTP",
        "Link                 310 ms from picture to picture; packets lost: 7, reconnects: 1",
    ]
    facts.chains["encoder"] |= {"integratedLufs": None, "linkLatencyMs": None, "linkReconnects": 0}
    assert summarise(facts, CLEAN, []).splitlines()[3] == (
        "Link                 latency not known; packets lost: 7, reconnects: 0"
    )


def test_the_summary_of_a_failed_production_says_why_and_what_is_left() -> None:
    failed = verdict(ExecutionOutcome("FAILED", "FlowRefused", "one\ntwo"))
    assert failed == "The production FAILED.\n  FlowRefused\n    one\n    two"
    message = summarise(ProductionFacts(START), DIRTY, [])
    assert "2 started, 1 removed, 1 LEFT" in message
    assert not nothing_left(DIRTY)
    assert nothing_left(CLEAN)


def test_plain_progress_tells_a_change_once() -> None:
    written = StringIO()
    progress = PlainProgress(open_console(file=written, width=200), START)
    boots = Step(START + timedelta(seconds=3), StepChange.ENTERED, "StartNodeRED", "mixer-1", {})
    installs = Step(
        boots.at, StepChange.ENTERED, "InstallNodeREDModule", "mixer-1", {"module": {"moduleName": "a"}}
    )
    hidden = Step(boots.at, StepChange.ENTERED, "AllLaunched", None, {})
    with progress:
        for step in (boots, boots, hidden, installs):
            progress.show(step)
    assert written.getvalue().splitlines() == [
        "   3.0 s  mixer-1                  boots, joins the cluster",
        "   3.0 s  mixer-1                  installs a",
    ]


def test_progress_tells_what_is_done_only_where_it_is_done() -> None:
    written = StringIO()
    progress = PlainProgress(open_console(file=written, width=200), START)
    caught = {"instanceName": "mixer-1", "error": {"Error": "FlowRefused", "Cause": ""}}
    message = [
        left(1, "DeployNodeREDModule", {"machine": {"instanceName": "mixer-1"}, "error": caught["error"]}),
        left(2, "TerminateInstance", caught),
        left(3, "DeployNodeREDModule", {"instanceName": "encoder-1"}),
        left(4, "TerminateInstance", {"instanceName": "encoder-1", "instanceIds": []}),
    ]
    for step in steps(message):
        progress.show(step)
    assert written.getvalue().splitlines() == [
        "   3.0 s  encoder-1                is set up",
        "   4.0 s  encoder-1                is gone",
    ]


POLLS_AN_HOUR = 1800  # at one every 2 s
EVENTS_A_CHECK, POLLS_A_CHECK = 16, 2  # an on-air check every 5 s or so


def an_hour_on_air() -> History:
    numbers = iter(range(1, 10**6))
    polls = [
        [event(next(numbers), "TaskScheduled") for _ in range(EVENTS_A_CHECK)]
        if poll % POLLS_A_CHECK == 0
        else []
        for poll in range(POLLS_AN_HOUR)
    ]
    return History(*polls)


def test_an_hour_of_watching_reads_each_event_about_once() -> None:
    """Reading the whole history at every poll took 111,000 calls and 11 million events."""
    history = an_hour_on_air()
    list(follow(cast("Any", history), "arn", lambda: None))
    assert history.calls <= 2 * POLLS_AN_HOUR
    assert history.events_read <= NEWEST_PAGE * POLLS_AN_HOUR


def test_what_is_more_than_a_page_is_read_whole_and_in_order() -> None:
    many = [entered(number, f"State{number}", {}) for number in range(1, 3 * NEWEST_PAGE)]
    steps = list(follow(cast("Any", History(many[:5], many[5:])), "arn", lambda: None))
    assert [step.state for step in steps] == [f"State{number}" for number in range(1, 3 * NEWEST_PAGE)]


class Refusing(History):
    """A history whose first polls are refused."""

    def __init__(self, code: str, times: int) -> None:
        super().__init__([entered(1, "OnAir", {})])
        self._refusals = [code] * times

    def describe_execution(self, **asked: str) -> dict[str, Any]:
        if self._refusals:
            answer = {"Error": {"Code": self._refusals.pop(), "Message": "told"}}
            raise ClientError(answer, "DescribeExecution")  # type: ignore[arg-type]
        return super().describe_execution(**asked)


def test_throttled_means_poll_again() -> None:
    sleeps: list[int] = []
    throttled = Refusing("ThrottlingException", 3 * MOST_FAILURES)
    (step,) = follow(cast("Any", throttled), "arn", lambda: sleeps.append(1))
    assert step.state == "OnAir"
    assert len(sleeps) == 3 * MOST_FAILURES


@pytest.mark.parametrize(
    ("code", "times"), [("AccessDeniedException", 1), ("InternalFailure", MOST_FAILURES)]
)
def test_what_does_not_pass_ends_the_watch(code: str, times: int) -> None:
    with pytest.raises(ClientError, match=code):
        list(follow(cast("Any", Refusing(code, times)), "arn", lambda: None))
