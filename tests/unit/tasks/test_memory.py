"""Elastic's programs have room, and one that is killed all the same is started again, without the others."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.unit.tasks.memory_needs import NEEDS
from tests.unit.tasks.test_definitions import container, load

FAMILIES = ("elastic-stack", "logstash", "metricbeat")
LEAST_PERIOD, MOST_PERIOD = 60, 1800  # s, ECS's own bounds


def programs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each program that stays, with its family."""
    for family in FAMILIES:
        yield from ((family, one) for one in load(family)["containerDefinitions"] if one["name"] in NEEDS)


@pytest.mark.parametrize(
    ("family", "program"), list(programs()), ids=lambda part: part if isinstance(part, str) else part["name"]
)
def test_a_limit_has_room_for_what_its_program_takes(family: str, program: dict[str, Any]) -> None:
    # Without a limit of its own a container may have what the machine has.
    assert program.get("memory", 8192) >= NEEDS[program["name"]](program), family


@pytest.mark.parametrize(
    ("family", "program"), list(programs()), ids=lambda part: part if isinstance(part, str) else part["name"]
)
def test_what_is_killed_is_started_again(family: str, program: dict[str, Any]) -> None:
    policy = program["restartPolicy"]
    assert policy["enabled"] is True, family
    assert LEAST_PERIOD <= policy["restartAttemptPeriod"] <= MOST_PERIOD


def test_what_has_done_its_work_is_not() -> None:
    for family in FAMILIES:
        for one in load(family)["containerDefinitions"]:
            assert ("restartPolicy" in one) == (one["name"] in NEEDS)


def test_kibanas_end_takes_nobody_along() -> None:
    """ECS ends a task with its first essential container: documents go on being taken without Kibana."""
    stack = load("elastic-stack")
    essential = {one["name"] for one in stack["containerDefinitions"] if one["essential"]}
    assert essential == {"elasticsearch", "logstash"}


@pytest.mark.parametrize(
    ("family", "name", "broken"),
    [
        ("elastic-stack", "kibana", {"environment": []}),
        ("elastic-stack", "kibana", {"memory": 1280}),
        ("elastic-stack", "elasticsearch", {"memory": 1024}),
        ("elastic-stack", "logstash", {"memory": 1280}),
        ("metricbeat", "metricbeat", {"memory": 200}),
        ("metricbeat", "metricbeat", {"environment": []}),
    ],
)
def test_a_limit_without_room_is_found(family: str, name: str, broken: dict[str, Any]) -> None:
    program = deepcopy(container(load(family), name)) | broken
    assert program["memory"] < NEEDS[name](program)
