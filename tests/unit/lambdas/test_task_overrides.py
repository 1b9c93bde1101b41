"""RunTask's overrides: their length, and a document whose modules are too many for them."""

import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.engines.production_plan import make_production
from lambdas.node_red.task_overrides import CONTAINER, LONGEST_OVERRIDES, overrides_length, task_overrides
from lambdas.production.errors import InvalidInput
from lambdas.production.model import short_id
from lambdas.validate_input import check_document, check_limits

REPOSITORY = Path(__file__).parents[3]
EXECUTION = {"id": "arn:evening-news", "name": "evening-news", "startTime": "2026-11-22T19:00:00Z"}
MACHINE = {
    "instanceName": "mixer-1f0c9a2e",
    "engine": "media",
    "modules": [],
    "production": {"productionId": "1f0c9a2e"},
}


def with_modules(count: int, length: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((REPOSITORY / "step_functions" / "mediaInput.json").read_text())
    modules = [f"{number:02}{'x' * (length - 2)}" for number in range(count)]
    return read | {"encodeParams": read["encodeParams"] | {"modules": modules}}


@pytest.mark.parametrize("family", ["Node-RED-family", "Node-RED-dynamorse-family"])
def test_the_container_is_the_task_definitions(family: str) -> None:
    definition = json.loads((REPOSITORY / "tasks" / f"{family}.json").read_text())
    assert CONTAINER in [container["name"] for container in definition["containerDefinitions"]]


def test_the_length_is_that_of_the_request_whatever_the_secret() -> None:
    assert overrides_length(MACHINE) == len(json.dumps(task_overrides(MACHINE, "a stack's secret")))


def test_fifty_modules_with_usual_names_fit() -> None:
    document = with_modules(50, 60)
    check_document(document)
    check_limits(make_production(document, EXECUTION))


def test_fifty_modules_with_long_names_are_refused_before_anything_starts() -> None:
    document = with_modules(50, 200)
    check_document(document)
    production = make_production(document, EXECUTION)
    with pytest.raises(InvalidInput) as refused:
        check_limits(production)
    (message,) = refused.value.mistakes
    length = overrides_length(production["machines"][1])
    assert length > LONGEST_OVERRIDES
    assert message.startswith("$.encodeParams.modules has names so long")
    assert f"would have {length:,} characters of overrides; expected 8,192 at the most" in message
    assert f"name {length - LONGEST_OVERRIDES:,} characters fewer" in message
    assert production["productionId"] == short_id(EXECUTION["id"])


def test_what_fits_to_the_last_character_is_not_refused() -> None:
    document = with_modules(40, 180)
    room = LONGEST_OVERRIDES - overrides_length(make_production(document, EXECUTION)["machines"][1])
    document["encodeParams"]["modules"][-1] += "y" * min(room, 30)
    document["encodeParams"]["modules"][-2] += "z" * (room - min(room, 30))
    production = make_production(document, EXECUTION)
    assert overrides_length(production["machines"][1]) == LONGEST_OVERRIDES
    check_limits(production)
    document["encodeParams"]["modules"][-3] += "y"
    with pytest.raises(InvalidInput, match=r"name 1 characters fewer"):
        check_limits(make_production(document, EXECUTION))
