"""An execution that did not succeed goes on at the state it ended in."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from tests.contract.states import call
from tests.support.waiting import wait_until

Run = Callable[..., dict[str, Any]]


def test_failed_state_is_tried_again_with_its_own_input(
    cloud: LocalCloud, start: Callable[..., str], end_of: Any, fail_first: str, tmp_path: Any
) -> None:
    client = cloud.client("stepfunctions")
    states = {
        "Before": {"Type": "Pass", "Result": "kept", "ResultPath": "$.made", "Next": "T"},
        "T": call(fail_first, ResultPath="$.answer", OutputPath="$"),
    }
    arn = start(states, {"counter": str(tmp_path / "calls"), "times": 1})
    wait_until(lambda: client.describe_execution(executionArn=arn)["status"] == "FAILED")
    began = client.describe_execution(executionArn=arn)["startDate"]

    client.redrive_execution(executionArn=arn)

    ended = end_of(arn)
    assert (ended["status"], ended["output"]["made"]) == ("SUCCEEDED", "kept")
    described = client.describe_execution(executionArn=arn)
    assert described["startDate"] == began
    assert len(client.list_executions(stateMachineArn=described["stateMachineArn"])["executions"]) == 1
    events = client.get_execution_history(executionArn=arn)["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    entered = [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]
    assert entered == ["Before", "T", "T"]
    assert "ExecutionRedriven" in [event["type"] for event in events]


def test_stopped_in_a_map_the_whole_map_is_done_again(
    cloud: LocalCloud, start: Callable[..., str], end_of: Any, sleep: str
) -> None:
    client = cloud.client("stepfunctions")
    inner = {"StartAt": "T", "States": {"T": call(sleep)}}
    several = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner, "End": True}
    arn = start({"M": several}, {"items": [{"seconds": 0}, {"seconds": 1}]})
    wait_until(lambda: len(client.get_execution_history(executionArn=arn)["events"]) >= 4)
    client.stop_execution(executionArn=arn)
    client.redrive_execution(executionArn=arn)
    assert end_of(arn)["status"] == "SUCCEEDED"


def test_failed_in_a_fail_state_it_fails_again(cloud: LocalCloud, run: Run, end_of: Any) -> None:
    client = cloud.client("stepfunctions")
    ended = run({"F": {"Type": "Fail", "Error": "Mine", "Cause": "as said"}})
    client.redrive_execution(executionArn=ended["executionArn"])
    again = end_of(ended["executionArn"])
    assert (again["status"], again["error"], again["cause"]) == ("FAILED", "Mine", "as said")


def test_success_cannot_be_redriven(cloud: LocalCloud, run: Run) -> None:
    ended = run({"P": {"Type": "Pass", "End": True}})
    with pytest.raises(ClientError) as refused:
        cloud.client("stepfunctions").redrive_execution(executionArn=ended["executionArn"])
    assert refused.value.response["Error"]["Code"] == "ExecutionNotRedrivable"
