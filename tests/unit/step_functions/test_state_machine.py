"""The state machine's promises that no validator knows: held against the errors and the template."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from lambdas.runtime.entry import WAKE
from lambdas.runtime.errors import Kind
from lambdas.terminate_instance import PATIENCE
from tools.page_tables import error_classes

REPOSITORY = Path(__file__).parents[3]
DEFINITION: dict[str, Any] = json.loads((REPOSITORY / "step_functions" / "dynamicNTS.json").read_text())
TEMPLATE = (REPOSITORY / "template.yaml").read_text()


def all_states(machine: dict[str, Any] = DEFINITION) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        for inner in (*state.get("Branches", []), state.get("ItemProcessor", {"States": {}})):
            yield from all_states(inner)


STATES = dict(all_states())
# A wake is asked once, and whatever comes of it is good: see the tests of the wakes below.
WAKES = {name: state for name, state in STATES.items() if name.startswith("Wake")}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task" and name not in WAKES}
# The errors of Invoke that waiting can help a function in a VPC with, as Step Functions names them. Not
# ENILimitReachedException, which is the account's quota. All but the last come from the VPC:
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors. The last was seen for 40 to
# 106 s of functions that were idle for weeks:
# aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws 801.
NOT_AWAKE = [
    "Lambda.ResourceNotReadyException",
    "Lambda.ResourceConflictException",
    "Lambda.ENINotReadyException",
    "Lambda.EC2ThrottledException",
    "Lambda.EC2UnexpectedException",
    "Lambda.SubnetIPAddressLimitReachedException",
    "Lambda.CodeArtifactUserPendingException",
]


def function_of(state: dict[str, Any]) -> str:
    return re.sub(r"\W|Arn", "", state["Parameters"]["FunctionName"])


def resource(function: str) -> str:
    return TEMPLATE.split(f"\n  {function}:\n")[1].split("\n\n")[0]


def is_in_vpc(state: dict[str, Any]) -> bool:
    return "VpcConfig:" in resource(function_of(state))


def retried(state: dict[str, Any]) -> set[str]:
    return {error for retry in state["Retry"] if retry["MaxAttempts"] for error in retry["ErrorEquals"]}


def errors_of_kind(kind: Kind) -> set[str]:
    return {error.__name__ for error in error_classes() if error.kind is kind}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_timeout_longer_than_its_functions(name: str) -> None:
    # A function that is still running when its state has given up could launch what nobody looks for.
    timeout = int(re.search(r"Timeout: (\d+)", resource(function_of(TASKS[name])))[1])  # type: ignore[index]
    assert TASKS[name]["TimeoutSeconds"] > timeout


@pytest.mark.parametrize("name", TASKS)
def test_every_retry_has_jitter_and_a_cap(name: str) -> None:
    for retry in TASKS[name]["Retry"]:
        if retry["MaxAttempts"] == 0:
            continue  # names what a later rule would try again
        assert retry["JitterStrategy"] == "FULL"
        assert retry["MaxDelaySeconds"] <= 30
        assert retry["MaxAttempts"] >= 1


@pytest.mark.parametrize("name", [name for name in TASKS if name != "TerminateInstance"])
def test_lambdas_own_faults_and_awss_are_retried_everywhere(name: str) -> None:
    assert {
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.TooManyRequestsException",
        "AwsThrottled",
        "AwsUnavailable",
    } <= retried(TASKS[name])


def test_the_teardown_goes_on_after_any_error_but_the_one_that_says_that_all_is_done() -> None:
    never, *_, anything = TASKS["TerminateInstance"]["Retry"]
    assert never == {"ErrorEquals": ["MachineNotStopped"], "MaxAttempts": 0}
    # States.ALL stands alone and last, or Step Functions refuses the definition.
    assert anything["ErrorEquals"] == ["States.ALL"]


def test_the_teardowns_attempts_outlast_its_patience() -> None:
    """Only an impatient terminateInstance ends the machine before a step that never answers."""
    anything = TASKS["TerminateInstance"]["Retry"][-1]
    longest = [
        min(anything["IntervalSeconds"] * anything["BackoffRate"] ** attempt, anything["MaxDelaySeconds"])
        for attempt in range(anything["MaxAttempts"])
    ]
    # With FULL jitter a wait is anything up to the longest; their sum is never this far below its mean.
    mean, deviation = sum(longest) / 2, (sum(wait**2 for wait in longest) / 12) ** 0.5
    assert mean - 5 * deviation > PATIENCE.total_seconds()


def test_the_teardown_knows_every_machine_before_anything_is_launched() -> None:
    assert DEFINITION["States"]["TearDown"]["ItemsPath"] == "$.machines"
    assert DEFINITION["States"]["ValidateInput"]["ResultSelector"]["machines.$"] == "$.Payload.machines"


def test_the_state_machine_retries_exactly_the_errors_that_say_so() -> None:
    ours = {error for state in TASKS.values() for error in retried(state) if not re.search(r"[.]", error)}
    assert ours == errors_of_kind(Kind.RETRY)


def test_every_task_is_caught_inside_or_by_the_map_around_it() -> None:
    for name, state in TASKS.items():
        assert "Catch" in state or name == "InstallNodeREDModule", name
    installs = STATES["InstallModules"]
    unreachable, anything = installs["Catch"]
    assert anything["ErrorEquals"] == ["States.ALL"]
    # A Node-RED that does not answer is looked at by its task, and then asked again.
    assert (unreachable["ErrorEquals"], unreachable["Next"]) == (["NodeREDUnreachable"], "CheckNodeRED")
    assert STATES["CheckNodeRED"]["Next"] == "InstallModules"


@pytest.mark.parametrize("name", [name for name in TASKS if name != "LookForStop"])
def test_being_throttled_is_waited_out_for_minutes(name: str) -> None:
    throttled = {"Lambda.TooManyRequestsException", "AwsThrottled"}
    (retry,) = [retry for retry in TASKS[name]["Retry"] if throttled & set(retry["ErrorEquals"])]
    assert set(retry["ErrorEquals"]) == throttled, "counted by itself"
    bounds = [
        min(retry["MaxDelaySeconds"], retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt)
        for attempt in range(retry["MaxAttempts"])
    ]
    assert sum(bounds) / 2 > 5 * 60


@pytest.mark.parametrize("branch", ["Launch", "SetUp", "TearDown"])
def test_a_failing_machine_never_cuts_the_other_off(branch: str) -> None:
    processor = STATES[branch]["ItemProcessor"]
    assert not [name for name, state in processor["States"].items() if state["Type"] == "Fail"]


@pytest.mark.parametrize("name", TASKS)
def test_a_step_in_the_vpc_waits_for_its_function_to_wake_and_no_other_does(name: str) -> None:
    waiting = [retry for retry in TASKS[name]["Retry"] if set(NOT_AWAKE) & set(retry["ErrorEquals"])]
    if not is_in_vpc(TASKS[name]):
        assert not waiting
        return
    (retry,) = waiting
    assert retry["ErrorEquals"] == NOT_AWAKE
    # With full jitter a pause is half of its bound on average: waited for some minutes, and not for ever.
    bounds = [min(retry["MaxDelaySeconds"], 2 * 1.5**n) for n in range(retry["MaxAttempts"])]
    assert (retry["IntervalSeconds"], retry["BackoffRate"]) == (2, 1.5)
    assert 5 * 60 < sum(bounds) / 2 < 10 * 60


def test_every_error_that_is_waited_for_is_one_of_invokes() -> None:
    operation = botocore.session.get_session().get_service_model("lambda").operation_model("Invoke")
    known = {f"Lambda.{shape.name}" for shape in operation.error_shapes}
    assert set(NOT_AWAKE) <= known


def test_every_function_in_the_vpc_is_woken_while_the_machines_are_launched() -> None:
    in_vpc = {function_of(state) for state in TASKS.values() if is_in_vpc(state)}
    assert {function_of(state) for state in WAKES.values()} == in_vpc
    assert all(state["Parameters"]["Payload"] == WAKE for state in WAKES.values())
    first, *others = STATES["LaunchAndWake"]["Branches"]
    assert first["StartAt"] == "Launch", "whose result OutputPath takes"
    assert {branch["StartAt"] for branch in others} == set(WAKES)


def test_a_wake_neither_fails_nor_holds_anything_up() -> None:
    for branch in STATES["LaunchAndWake"]["Branches"][1:]:
        (wake,) = (state for name, state in branch["States"].items() if name in WAKES)
        assert "Retry" not in wake
        assert wake["TimeoutSeconds"] <= 5
        (catch,) = wake["Catch"]
        assert catch["ErrorEquals"] == ["States.ALL"]
        assert branch["States"][catch["Next"]] == {"Type": "Succeed"}


def test_every_path_from_the_launch_leads_through_teardown() -> None:
    def ends_without_teardown(name: str, seen: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        state = DEFINITION["States"][name]
        if name == "TearDown" or name in seen:
            return []
        ways = [state.get("Next"), state.get("Default")]
        ways += [choice["Next"] for choice in state.get("Choices", [])]
        ways += [catch["Next"] for catch in state.get("Catch", [])]
        if name == "AnythingStarted":
            ways.remove(state["Default"])  # taken only when there is no production, so no machine
        onward = [way for way in ways if way]
        if not onward:
            return [(*seen, name)]
        return [path for way in onward for path in ends_without_teardown(way, (*seen, name))]

    assert ends_without_teardown("LaunchAndWake") == []


def test_the_machine_itself_has_a_timeout_beyond_the_longest_production() -> None:
    schema = json.loads((REPOSITORY / "step_functions" / "input.schema.json").read_text())
    assert DEFINITION["TimeoutSeconds"] > schema["properties"]["runSeconds"]["maximum"] + 20 * 60
