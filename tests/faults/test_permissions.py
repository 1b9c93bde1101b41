"""Every production here runs by the template's roles; with a wrong one it ends as in an account."""

import pytest

from tests.faults.expectations import RECORDINGS
from tests.faults.plan import Plan, Restriction
from tests.faults.recorded_calls import silent_node_red
from tests.faults.testbeds import FaultTestbeds

ECS = "arn:aws:ecs:eu-west-1:123456789012:"


@pytest.mark.parametrize(
    "restriction",
    [
        Restriction("StartNodeREDRole", "ecs:ListContainerInstances", f"{ECS}container-instance/*"),
        Restriction("StartNodeREDRole", "ecs:TagResource", f"{ECS}cluster/*"),
        Restriction("StartNodeREDRole", "iam:PassRole", "arn:aws:iam::123456789012:role/another"),
        Restriction("NewInstanceRole", "ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/*"),
        Restriction("NewInstanceRole", "iam:PassRole", "arn:aws:iam::123456789012:role/another"),
        Restriction("NewInstanceRole", "ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/*"),
    ],
    ids=str,
)
def test_a_wrong_resource_ends_the_production_and_leaves_nothing(
    testbeds: FaultTestbeds, restriction: Restriction
) -> None:
    result = testbeds.run_restricted(restriction)
    assert (result.status, result.error) == ("FAILED", "AwsAccessDenied")
    assert restriction.action in result.cause
    assert not result.left_by_itself


def test_who_may_not_look_at_a_task_that_does_not_answer_ends_the_production(testbeds: FaultTestbeds) -> None:
    restriction = Restriction("StartNodeREDRole", "ecs:DescribeTasks", f"{ECS}cluster/*")
    result = testbeds.run_restricted(restriction, Plan(branch=(silent_node_red("encoder"),)))
    assert (result.status, result.error) == ("FAILED", "AwsAccessDenied")
    assert restriction.action in result.cause
    assert not result.left_by_itself


@pytest.mark.parametrize(
    "restriction",
    [
        Restriction("TerminateInstanceRole", "ecs:StopTask", f"{ECS}cluster/*"),
        Restriction("TerminateInstanceRole", "ecs:DeregisterContainerInstance", f"{ECS}container-instance/*"),
        Restriction("TerminateInstanceRole", "ecs:DescribeContainerInstances", f"{ECS}cluster/*"),
    ],
    ids=str,
)
def test_a_wrong_resource_in_the_teardown_keeps_no_machine(
    testbeds: FaultTestbeds, restriction: Restriction
) -> None:
    result = testbeds.run_restricted(restriction)
    assert (result.status, result.error) == ("FAILED", "TearDownIncomplete")
    assert restriction.action in result.cause
    assert not set(result.left_by_itself) - {"container instances", RECORDINGS}
    assert not result.left
