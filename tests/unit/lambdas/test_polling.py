"""A function polls within its call where what it waits for is expected soon, and never for long."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from lambdas.aws.errors import AwsThrottled
from lambdas.aws.machine_errors import InstanceNotRegistered, TaskStillStopping
from lambdas.runtime.polling import AWS, NODE_RED, NODE_RED_START, Clock, PollInterval, poll
from tests.unit.template.plain import plain_template, resources_of


@dataclass
class FakeTime:
    """Time that passes only when somebody sleeps, or an answer takes it."""

    moment: float = 100.0
    sleeps: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.moment += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.moment, self.sleep)


def answering(*answers: Any) -> Iterator[Any]:
    yield from answers


def asking(answers: Iterator[Any]) -> Any:
    answer = next(answers)
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_what_is_so_is_told_at_once() -> None:
    time = FakeTime()
    assert poll(lambda: "so", InstanceNotRegistered, AWS, clock=time.clock) == "so"
    assert time.sleeps == []


def test_it_is_noticed_within_one_rhythm() -> None:
    time, answers = FakeTime(), answering(InstanceNotRegistered("1"), TaskStillStopping("2"), "so")
    not_yet = (InstanceNotRegistered, TaskStillStopping)
    assert poll(lambda: asking(answers), not_yet, NODE_RED, clock=time.clock) == "so"
    assert time.sleeps == [0.1, 0.1]


def test_what_is_never_so_is_the_state_machines_to_wait_for() -> None:
    time = FakeTime()
    answers = answering(*(InstanceNotRegistered(f"{number}") for number in range(99)))
    with pytest.raises(InstanceNotRegistered, match=r"^5 "):
        poll(lambda: asking(answers), InstanceNotRegistered, PollInterval(1, 5), clock=time.clock)
    assert time.sleeps == [1] * 5


def test_before_it_is_expected_there_are_fewer_looks() -> None:
    time = FakeTime()
    answers = answering(*(InstanceNotRegistered(f"{number}") for number in range(99)))
    with pytest.raises(InstanceNotRegistered):
        poll(
            lambda: asking(answers),
            InstanceNotRegistered,
            PollInterval(1, 10, before=5),
            expected_in=7,
            clock=time.clock,
        )
    assert time.sleeps == [5, 2, 1, 1, 1]


def test_slow_looks_count() -> None:
    time = FakeTime()

    def slow() -> None:
        time.moment += 3
        raise InstanceNotRegistered("slow")

    with pytest.raises(InstanceNotRegistered):
        poll(slow, InstanceNotRegistered, PollInterval(1, 5), clock=time.clock)
    assert time.moment - 100 <= 5 + 3


def test_any_other_error_ends_it_at_once() -> None:
    time, answers = FakeTime(), answering(InstanceNotRegistered("1"), AwsThrottled("slow down"), "so")
    with pytest.raises(AwsThrottled):
        poll(lambda: asking(answers), InstanceNotRegistered, AWS, clock=time.clock)
    assert time.sleeps == [1]


def test_a_rhythm_is_well_inside_the_time_of_the_functions_that_have_it() -> None:
    functions = {
        one["FunctionName"]["Fn::Sub"].removeprefix("${NamePrefix}"): one["Timeout"]
        for one in resources_of(plain_template(), "AWS::Lambda::Function").values()
    }
    rhythms = {
        "startNodeRED": AWS,
        "terminateInstance": AWS,
        "checkProduction": NODE_RED,
        "deployNodeREDModule": NODE_RED,
        "installNodeREDModule": NODE_RED_START,
    }
    for name, rhythm in rhythms.items():
        assert rhythm.within <= functions[name] / 3, name
