"""Starting and watching a production, on a recorded history."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import DeployedStack
from organist.commands.start import start_execution
from organist.report.history import describe_ended
from organist.report.production_watch import ProductionWatch
from organist.terminal import open_console
from tests.unit.organist.conftest import account_of
from tests.unit.organist.histories import History

RECORDED = Path(__file__).parent / "data" / "recorded_history.json"
STATE_MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:dynamicNTS"
STACK = DeployedStack("organist", {"StateMachineArn": STATE_MACHINE})


def ended(status: str, **more: str) -> History:
    """Step Functions with one execution that has ended."""
    events = [
        {**event, "timestamp": datetime.fromisoformat(event["timestamp"])}
        for event in json.loads(RECORDED.read_text())
    ]
    return History(
        events, status=status, startDate=events[0]["timestamp"], stopDate=events[-1]["timestamp"], **more
    )


MINIMUM = {
    "executionArn": "arn",
    "stateMachineArn": STATE_MACHINE,
    "startDate": datetime(2026, 11, 21, tzinfo=UTC),
}


def watch(moto_account: Account, execution: History) -> tuple[int, str]:
    console = open_console(file=StringIO(), width=150)
    account = account_of(stepfunctions=execution, ec2=moto_account.ec2)
    code = ProductionWatch(account, STACK.name, console, poll_seconds=0.0).run("arn")
    assert isinstance(console.file, StringIO)
    return code, console.file.getvalue()


def test_a_production_that_ended_well_is_told_with_its_cost(moto_account: Account) -> None:
    code, message = watch(moto_account, ended("SUCCEEDED"))
    assert code == 0
    assert "boots, joins the cluster" in message
    assert "The production SUCCEEDED." in message
    assert "Cost in AWS          about $0.0" in message


@pytest.mark.parametrize(("error", "code"), [("FlowRefused", 1), ("InvalidInput", 2)])
def test_a_production_that_failed_says_why(moto_account: Account, error: str, code: int) -> None:
    given, message = watch(moto_account, ended("FAILED", error=error, cause="Because."))
    assert given == code
    assert f"{error}\n    Because." in message


def test_machines_that_are_still_there_are_told(moto_account: Account) -> None:
    tags = [{"Key": "organist:stack", "Value": "organist"}, {"Key": "organist:execution", "Value": "arn"}]
    specification: Any = [{"ResourceType": "instance", "Tags": tags}]
    moto_account.ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType="t2.micro",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=specification,
    )
    code, message = watch(moto_account, ended("SUCCEEDED"))
    assert code == 1
    assert "1 LEFT" in message


def test_a_report_that_fails_hides_no_verdict(stubs: Callable[[str], tuple[Any, Stubber]]) -> None:
    ec2, stubber = stubs("ec2")
    for _ in range(2):  # on air, and at the end
        stubber.add_client_error("describe_instances", "UnauthorizedOperation", "not you")
    console = open_console(file=StringIO(), width=150)
    execution = ended("FAILED", error="FlowRefused", cause="see [/var/log/x]")
    account = account_of(stepfunctions=execution, ec2=ec2)
    assert ProductionWatch(account, STACK.name, console, poll_seconds=0.0).run("arn") == 1
    assert isinstance(console.file, StringIO)
    message = console.file.getvalue()
    # With its brackets, which are no markup, and before what went wrong after it.
    assert "see [/var/log/x]" in message
    assert message.index("The production FAILED.") < message.index("could not be looked at")


@pytest.mark.parametrize("late", [1, 7])
def test_an_end_that_is_not_known_everywhere_or_throttled_is_waited_for(
    stubs: Callable[[str], tuple[Any, Stubber]], late: int
) -> None:
    """DescribeExecution is eventually consistent, and the account's other callers use up its rate."""
    sfn, stubber = stubs("stepfunctions")
    ended = {**MINIMUM, "status": "SUCCEEDED", "stopDate": datetime(2026, 11, 22, tzinfo=UTC)}
    for _ in range(late):
        stubber.add_response("describe_execution", {**MINIMUM, "status": "RUNNING"})
        stubber.add_client_error("describe_execution", "ThrottlingException", "Rate exceeded")
    stubber.add_response("describe_execution", ended)
    sleeps: list[None] = []
    assert describe_ended(sfn, "arn", lambda: sleeps.append(None))["status"] == "SUCCEEDED"
    assert len(sleeps) == 2 * late


@pytest.mark.parametrize("code", ["ExecutionAlreadyExists", "InvalidName", "ValidationException"])
def test_a_name_that_will_not_do(stubs: Callable[[str], tuple[Any, Stubber]], code: str) -> None:
    sfn, stubber = stubs("stepfunctions")
    stubber.add_client_error("start_execution", code)
    with pytest.raises(AccountError, match='--name "monday" is taken or no name'):
        start_execution(account_of(stepfunctions=sfn), STACK, {}, "monday")
