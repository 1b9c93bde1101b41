"""The state machine's definition, read: its states, and which of them makes an invocation."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from local_cloud.paths import REPOSITORY

DEFINITION = REPOSITORY / "step_functions" / "dynamicNTS.json"


@cache
def all_states() -> dict[str, dict[str, Any]]:
    """Every state by name, those within a Map or a Parallel too, in the order of the definition."""
    return dict(_walk(json.loads(DEFINITION.read_text())))


@cache
def top_level() -> frozenset[str]:
    """The states that are not within a Map or a Parallel."""
    return frozenset(json.loads(DEFINITION.read_text())["States"])


def _walk(part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in part["States"].items():
        yield name, state
        for inner in (*state.get("Branches", []), state.get("ItemProcessor", {"States": {}})):
            yield from _walk(inner)


def calling_state(function: str, event: dict[str, Any]) -> str:
    """Return the state that invokes a function with such an event: the one that names most of its fields."""
    fitting = []
    for name, state in all_states().items():
        parameters = state.get("Parameters", {})
        if parameters.get("FunctionName", "").lower() == f"${{{function}Arn}}".lower():
            payload = parameters.get("Payload", {})
            fields = {field.removesuffix(".$") for field in payload}
            if fields <= set(event):
                fitting.append((len(fields), name))
    return max(fitting)[1] if fitting else function


def attempts(state: str, error: str) -> int:
    """Return how often a state is tried, as its Retry says, when it raises an error each time."""
    for retrier in all_states()[state].get("Retry", []):
        if error in retrier["ErrorEquals"] or retrier["ErrorEquals"] == ["States.ALL"]:
            return int(retrier["MaxAttempts"]) + 1
    return 1


def same_retry(state: str, first: str, second: str) -> bool:
    """Return whether one rule of a state's Retry names both errors, so that both use up its attempts."""
    rules = [rule["ErrorEquals"] for rule in all_states()[state].get("Retry", [])]
    named = [
        next((rule for rule in rules if error in rule or rule == ["States.ALL"]), None)
        for error in (first, second)
    ]
    return bool(second) and named[0] is not None and named[0] == named[1]
