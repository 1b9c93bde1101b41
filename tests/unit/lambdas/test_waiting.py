"""A function looks again within its call where what it waits for is expected soon, and never for long."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from lambdas.aws.errors import AwsThrottled
from lambdas.aws.machine_errors import InstanceNotRegistered, NodeREDNotReady
from lambdas.runtime.waiting import AWS, NODE_RED, Clock, Rhythm, look_again
from tests.unit.template.plain import plain_template, resources_of


@dataclass
class FakeTime:
    """Time that passes only when somebody sleeps, or a look takes it."""

    moment: float = 100.0
    sleeps: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.moment += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.moment, self.sleep)


def looks(*answers: Any) -> Iterator[Any]:
    yield from answers


def looking(answers: Iterator[Any]) -> Any:
    answer = next(answers)
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_what_is_so_is_told_at_once() -> None:
    time = FakeTime()
    assert look_again(lambda: "so", InstanceNotRegistered, AWS, time.clock) == "so"
    assert time.sleeps == []


def test_it_is_noticed_within_one_rhythm() -> None:
    time, answers = FakeTime(), looks(InstanceNotRegistered("1"), NodeREDNotReady("2"), "so")
    not_yet = (InstanceNotRegistered, NodeREDNotReady)
    assert look_again(lambda: looking(answers), not_yet, NODE_RED, time.clock) == "so"
    assert time.sleeps == [0.25, 0.25]


def test_what_is_never_so_is_the_state_machines_to_wait_for() -> None:
    time = FakeTime()
    answers = looks(*(InstanceNotRegistered(f"{number}") for number in range(99)))
    with pytest.raises(InstanceNotRegistered, match=r"^5 "):
        look_again(lambda: looking(answers), InstanceNotRegistered, Rhythm(1, 5), time.clock)
    assert time.sleeps == [1] * 5


def test_slow_looks_count() -> None:
    time = FakeTime()

    def slow() -> None:
        time.moment += 3
        raise InstanceNotRegistered("slow")

    with pytest.raises(InstanceNotRegistered):
        look_again(slow, InstanceNotRegistered, Rhythm(1, 5), time.clock)
    assert time.moment - 100 <= 5 + 3


def test_any_other_error_ends_it_at_once() -> None:
    time, answers = FakeTime(), looks(InstanceNotRegistered("1"), AwsThrottled("slow down"), "so")
    with pytest.raises(AwsThrottled):
        look_again(lambda: looking(answers), InstanceNotRegistered, AWS, time.clock)
    assert time.sleeps == [1]


def test_a_rhythm_is_well_inside_the_time_of_the_functions_that_have_it() -> None:
    functions = {
        one["FunctionName"]["Fn::Sub"].removeprefix("${NamePrefix}"): one["Timeout"]
        for one in resources_of(plain_template(), "AWS::Lambda::Function").values()
    }
    for name, rhythm in (("startNodeRED", AWS), ("terminateInstance", AWS), ("checkProduction", NODE_RED)):
        assert rhythm.within <= functions[name] / 3, name
