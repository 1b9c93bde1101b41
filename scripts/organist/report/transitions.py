"""Counting an execution's state transitions and function calls: from its history, or before it starts.

AWS counts a transition each time a step is executed, retries included.
https://aws.amazon.com/step-functions/pricing/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.engines.check_times import expected_checks

# A production that goes well, by the states of step_functions/dynamicNTS.json; a test holds these against a
# recorded run.
# ValidateInput … SetUp with Launch and the three wakes, AllSetUp, GoOnAir, TearDown, Recorded, Outcome,
# Succeeded
STATES_ONCE = 16
STATES_AND_CALLS_A_RECORDING = 1  # CompleteRecording, where something goes to S3
# NewInstance, StartNodeRED, MakeModuleParams, InstallModules, DeployNodeREDModule, TerminateInstance
STATES_A_MACHINE = 6
STATES_A_MODULE = 1
STATES_A_CHECK = 4  # OnAir, LookForStop, CheckOnAir, TimeIsUp
CALLS_ONCE = 7  # ValidateInput, the three wakes, MakeAMix, MakeAnEncode, GoOnAir
# NewInstance, StartNodeRED, MakeModuleParams, DeployNodeREDModule, TerminateInstance
CALLS_A_MACHINE = 5
CALLS_A_MODULE = 1
CALLS_A_CHECK = 2
# Retries while a machine boots (about 40 s, 3 of them), pulls its image and starts Node-RED (1), ends its
# task (1) and terminates (about 40 s, 4): a call looks for up to 20 s. And while the pictures start.
RETRIES_A_MACHINE = 9
RETRIES_ON_AIR = 1


@dataclass(frozen=True)
class Counts:
    """State transitions, and calls of functions among them."""

    transitions: int
    calls: int


def count_history(events: Iterable[Mapping[str, Any]]) -> Counts:
    """Count what an execution's history shows: states entered, and tasks scheduled again."""
    entered = tasks_entered = scheduled = 0
    for event in events:
        kind = event["type"]
        entered += kind.endswith("StateEntered")
        tasks_entered += kind == "TaskStateEntered"
        scheduled += kind in ("TaskScheduled", "LambdaFunctionScheduled")
    return Counts(transitions=entered + max(scheduled - tasks_entered, 0), calls=scheduled)


def expect_retries(machines: int) -> int:
    """Return how many calls are expected to be tried again, each a transition too."""
    return machines * RETRIES_A_MACHINE + RETRIES_ON_AIR


def expect_counts(modules: Iterable[int], run_seconds: int, *, recorded: bool = False) -> Counts:
    """Return what to expect of a production that goes well.

    Args:
        modules: How many each machine installs.
        run_seconds: Seconds on air.
        recorded: It is recorded into S3, or published there.
    """
    installed = list(modules)
    machines, checks = len(installed), expected_checks(run_seconds)
    retries = expect_retries(machines)
    calls = CALLS_ONCE + machines * CALLS_A_MACHINE + sum(installed) * CALLS_A_MODULE + checks * CALLS_A_CHECK
    states = STATES_ONCE + machines * STATES_A_MACHINE + sum(installed) * STATES_A_MODULE
    once = STATES_AND_CALLS_A_RECORDING if recorded else 0
    return Counts(transitions=states + checks * STATES_A_CHECK + retries + once, calls=calls + retries + once)
