"""Functions in a VPC that nobody called for two weeks: Inactive, Pending, Active."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from local_cloud.lambda_runtime.idleness import IDLE_SECONDS, FunctionState, Idleness
from local_cloud.moto_patches.awslambda import function_states
from local_cloud.moto_patches.replacements import Replacements
from tests.contract.states import call

DAY = 24 * 3600.0
WAKE = 60.0
NAME = "a-function"


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def idleness(clock: Clock) -> Idleness:
    """What is known of one function, made now."""
    known = Idleness(clock, WAKE)
    known.made(NAME)
    return known


@pytest.fixture
def in_vpc(cloud: LocalCloud, clock: Clock, new_function: Callable[..., str]) -> Any:
    """A function in a VPC, by a clock of this test's own."""
    with Replacements() as replacements:
        function_states.install(replacements, Idleness(clock, WAKE))
        subnet = cloud.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        yield new_function("echo", VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": ["sg-1"]})


def refused(cloud: LocalCloud, name: str) -> tuple[str, int, str]:
    """Call a function that does not run; return the error's code, its HTTP status and its message."""
    with pytest.raises(ClientError) as raised:
        cloud.client("lambda").invoke(FunctionName=name, Payload="{}")
    response = raised.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], status, response["Error"]["Message"]


def shown(cloud: LocalCloud, name: str) -> tuple[str, str | None]:
    client = cloud.client("lambda")
    answer = client.get_function_configuration(FunctionName=name)
    assert client.get_function(FunctionName=name)["Configuration"]["State"] == answer["State"]
    return answer["State"], answer.get("StateReasonCode")


def test_a_function_is_active_until_the_fourteenth_day_without_a_call(
    clock: Clock, idleness: Idleness
) -> None:
    clock.pass_(IDLE_SECONDS - 1)
    assert idleness.state(NAME) is FunctionState.ACTIVE
    clock.pass_(1)
    assert idleness.state(NAME) is FunctionState.INACTIVE


def test_a_call_counts_from_when_it_was_made(clock: Clock, idleness: Idleness) -> None:
    clock.pass_(13 * DAY)
    assert idleness.called(NAME) is FunctionState.ACTIVE
    clock.pass_(13 * DAY)
    assert idleness.called(NAME) is FunctionState.ACTIVE


def test_an_inactive_function_is_pending_for_its_time_and_calls_meanwhile_do_not_prolong_it(
    clock: Clock,
    idleness: Idleness,
) -> None:
    clock.pass_(15 * DAY)
    assert idleness.called(NAME) is FunctionState.INACTIVE
    clock.pass_(WAKE - 1)
    assert idleness.called(NAME) is FunctionState.PENDING
    clock.pass_(1)
    assert idleness.called(NAME) is FunctionState.ACTIVE


def test_looking_wakes_nobody(clock: Clock, idleness: Idleness) -> None:
    clock.pass_(15 * DAY)
    assert [idleness.state(NAME) for _ in range(2)] == [FunctionState.INACTIVE] * 2


def test_calls_fail_as_awss_do_until_the_function_is_awake(
    cloud: LocalCloud, in_vpc: str, clock: Clock, invoke: Callable[..., Any]
) -> None:
    assert shown(cloud, in_vpc) == ("Active", None)
    clock.pass_(15 * DAY)
    assert shown(cloud, in_vpc) == ("Inactive", "Idle")
    code, status, message = refused(cloud, in_vpc)
    assert (code, status) == ("ResourceNotReadyException", 502)
    assert message.startswith("The function is inactive and its VPC connection is no longer available.")
    assert shown(cloud, in_vpc) == ("Pending", "Restoring")
    code, status, message = refused(cloud, in_vpc)
    assert (code, status) == ("ResourceConflictException", 409)
    assert message.endswith("The function is currently in the following state: Pending")
    clock.pass_(WAKE)
    assert shown(cloud, in_vpc) == ("Active", None)
    assert invoke(in_vpc, {"n": 1}) == ({"n": 1}, None)


def test_a_function_outside_a_vpc_never_sleeps(
    cloud: LocalCloud, in_vpc: str, clock: Clock, echo: str, invoke: Callable[..., Any]
) -> None:
    clock.pass_(365 * DAY)
    assert shown(cloud, echo) == ("Active", None)
    assert invoke(echo, {"n": 1}) == ({"n": 1}, None)


def test_the_state_machine_names_the_errors_as_lambdas(
    in_vpc: str, clock: Clock, run: Callable[..., dict[str, Any]]
) -> None:
    clock.pass_(15 * DAY)
    first, second = (run({"T": call(in_vpc)}) for _ in range(2))
    assert (first["status"], first["error"]) == ("FAILED", "Lambda.ResourceNotReadyException")
    assert "Service: AWSLambda; Status Code: 502; Error Code: ResourceNotReadyException" in first["cause"]
    assert (second["status"], second["error"]) == ("FAILED", "Lambda.ResourceConflictException")
