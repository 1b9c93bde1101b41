"""What StartExecution refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud

PASS = {"P": {"Type": "Pass", "End": True}}


@pytest.fixture
def machine(cloud: LocalCloud, run: Callable[..., dict[str, Any]]) -> str:
    """A state machine that does nothing."""
    return str(run(PASS)["stateMachineArn"])


def refusal(cloud: LocalCloud, machine: str, **named: str) -> tuple[str, str]:
    """Try to start an execution; return the error's code and its message."""
    client = cloud.client("stepfunctions")
    before = len(client.list_executions(stateMachineArn=machine)["executions"])
    with pytest.raises(ClientError) as raised:
        client.start_execution(stateMachineArn=machine, **named)
    assert len(client.list_executions(stateMachineArn=machine)["executions"]) == before
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize("name", ["two words", "a\ttab", "a:colon", "a/slash", "line\nbreak", 'quote"'])
def test_a_name_with_other_characters(cloud: LocalCloud, machine: str, name: str) -> None:
    assert refusal(cloud, machine, name=name) == ("InvalidName", f"Invalid Name: '{name}'")


def test_a_name_that_is_too_long(cloud: LocalCloud, machine: str) -> None:
    code, message = refusal(cloud, machine, name="n" * 81)
    assert code == "ValidationException"
    assert message.endswith(
        "at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"
    )


def test_a_name_of_80_characters_and_every_kind_is_taken(cloud: LocalCloud, machine: str) -> None:
    name = "Monday_9-30.live".ljust(80, "é")
    started = cloud.client("stepfunctions").start_execution(stateMachineArn=machine, name=name)
    assert started["executionArn"].endswith(f":{name}")


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"a": NaN}', "{'a': 1}"])
def test_an_input_that_is_no_json(cloud: LocalCloud, machine: str, text: str) -> None:
    code, message = refusal(cloud, machine, input=text)
    assert code == "InvalidExecutionInput"
    assert message.startswith(
        "Invalid State Machine Execution Input: 'com.fasterxml.jackson.core.JsonParseException: "
    )


def test_where_the_input_is_no_json_is_told(cloud: LocalCloud, machine: str) -> None:
    _, message = refusal(cloud, machine, input='{"size": "",\n "a" "b"}')
    assert "line: 2, column: 6]" in message


@pytest.mark.parametrize("text", ["null", "3", '"a text"', "[]"])
def test_any_json_is_an_input(cloud: LocalCloud, machine: str, text: str) -> None:
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine, input=text)["executionArn"]
    assert client.describe_execution(executionArn=arn)["input"] == text
