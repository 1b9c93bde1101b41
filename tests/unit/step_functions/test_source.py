"""The state machine that is deployed is what its source says, and each retry policy stands there once."""

import json
from collections.abc import Iterator
from typing import Any

from tests.unit.step_functions.test_state_machine import STATES
from tools.state_machine import WRITTEN, definition, source


def retries(states: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for state in states.values():
        yield from state.get("Retry", [])


def test_the_definition_is_what_its_source_says() -> None:
    assert WRITTEN.read_text() == definition(), "run: make state-machine"
    assert json.loads(definition()) == source()["StateMachine"]


def test_every_retry_is_a_named_policy_and_every_policy_is_used() -> None:
    named = {json.dumps(policy) for policy in source()["RetryPolicies"].values()}
    assert len(named) == len(source()["RetryPolicies"]), "two names for one policy"
    assert {json.dumps(retry) for retry in retries(STATES)} == named


def test_only_what_ends_a_failed_branch_or_tells_the_outcome_is_a_pass() -> None:
    passes = {name for name, state in STATES.items() if state["Type"] == "Pass"}
    assert passes == {"InputRefused", "LaunchFailed", "SetUpFailed", "TearDownFailed", "Succeeded"}
