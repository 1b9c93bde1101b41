"""The list of docs/monitoring.md for a real container engine: whole, and it says what one must see."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from local_cloud.paths import REPOSITORY
from tests.unit.tasks.test_definitions import load

PAGE = REPOSITORY / "docs" / "monitoring.md"
FAMILIES = ("elastic-stack", "logstash", "metricbeat")
SEEN = "# => "


def block() -> str:
    """The commands of the section."""
    section = PAGE.read_text().split("## Prove it in a real container")[1]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def steps() -> list[str]:
    """Each step: what it is, its commands, what one must see."""
    return [step for step in block().split("\n\n") if step.strip()]


def containers() -> Iterator[dict[str, Any]]:
    for family in FAMILIES:
        yield from load(family)["containerDefinitions"]


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.splitlines()[0][:40])
def test_after_each_command_it_says_what_one_must_see(step: str) -> None:
    told = [number for number, line in enumerate(step.splitlines()) if line.startswith(SEEN)]
    assert len(told) == 1
    after = step.splitlines()[told[0] + 1 :]
    assert all(line.startswith("#    ") for line in after), "a command without what one must see"
    assert len(step.splitlines()[told[0]]) > len(SEEN) + 1


def test_every_image_is_run() -> None:
    for one in containers():
        assert f"{one['image']}" in block(), one["name"]


def test_every_health_check_is_run_as_it_is() -> None:
    checks = {one["name"]: one["healthCheck"]["command"] for one in containers() if "healthCheck" in one}
    assert set(checks) == {"elasticsearch", "kibana", "logstash"}
    for name, (how, *command) in checks.items():
        text = command[0] if how == "CMD-SHELL" else " ".join(command)
        assert text in block(), name


def test_every_program_has_the_memory_that_it_gets() -> None:
    limits = {
        one["name"]: one["memory"] for one in containers() if one.get("restartPolicy") and "memory" in one
    }
    assert set(limits) == {"elasticsearch", "kibana", "logstash", "metricbeat"}
    for name, limit in limits.items():
        assert f"-m {limit}m" in block(), name
    said = {entry["name"]: entry["value"] for one in containers() for entry in one.get("environment", [])}
    for variable in ("GOMEMLIMIT", "NODE_OPTIONS", "LS_JAVA_OPTS"):
        assert f"{variable}={said[variable]}" in block()


@pytest.mark.parametrize(
    "part",
    [
        "00123456",
        "94214e97",
        "STORE=opensearch",
        "WITH_OPENSEARCH=yes",
        "SERVER_SSL_ENABLED=true",
        "_plugins/_ism/explain",
        "_data_stream/metrics-*-organist",
    ],
)
def test_what_no_stand_in_can_show_is_in_it(part: str) -> None:
    assert part in block()
