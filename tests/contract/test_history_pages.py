"""GetExecutionHistory's order and pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from tests.support.waiting import wait_until

STATES = 60
EVENTS = 2 * STATES + 2  # each state is entered and left; the execution begins and ends


@pytest.fixture(scope="module")
def long_one(cloud: LocalCloud, role_arn: str) -> str:
    """An execution of more events than fit on a page."""
    names = [f"P{number}" for number in range(STATES)]
    states = {
        name: {"Type": "Pass"} | ({"Next": after} if after else {"End": True})
        for name, after in zip(names, [*names[1:], None], strict=True)
    }
    client = cloud.client("stepfunctions")
    machine = client.create_state_machine(
        name="long-one", definition=json.dumps({"StartAt": "P0", "States": states}), roleArn=role_arn
    )["stateMachineArn"]
    arn = str(client.start_execution(stateMachineArn=machine)["executionArn"])
    wait_until(lambda: client.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    return arn


def page(cloud: LocalCloud, arn: str, **asked: Any) -> tuple[list[int], str]:
    """One page's event numbers, and the token of the next page."""
    message = cloud.client("stepfunctions").get_execution_history(executionArn=arn, **asked)
    return [event["id"] for event in message["events"]], message.get("nextToken", "")


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_follow_each_other(cloud: LocalCloud, long_one: str, newest_first: bool) -> None:
    expected = sorted(range(1, EVENTS + 1), reverse=newest_first)
    first, token = page(cloud, long_one, reverseOrder=newest_first)
    assert first == expected[:100], "a page is of 100 events unless another size is asked for"
    rest, none = page(cloud, long_one, reverseOrder=newest_first, nextToken=token)
    assert (rest, none) == (expected[100:], "")


def test_a_page_is_as_large_as_asked_for(cloud: LocalCloud, long_one: str) -> None:
    seen, token = page(cloud, long_one, maxResults=7)
    while token:
        found, token = page(cloud, long_one, maxResults=7, nextToken=token)
        assert 0 < len(found) <= 7
        seen += found
    assert seen == list(range(1, EVENTS + 1))
    assert page(cloud, long_one, maxResults=EVENTS) == (seen, "")
    assert len(page(cloud, long_one, maxResults=0)[0]) == 100


def test_the_newest_event_alone(cloud: LocalCloud, long_one: str) -> None:
    message = cloud.client("stepfunctions").get_execution_history(
        executionArn=long_one, reverseOrder=True, maxResults=1
    )
    assert [event["type"] for event in message["events"]] == ["ExecutionSucceeded"]


def test_a_page_of_what_runs_goes_on_where_the_last_one_ended(
    cloud: LocalCloud, start: Callable[..., str]
) -> None:
    client = cloud.client("stepfunctions")
    states = {"A": {"Type": "Pass", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 60, "End": True}}
    arn = start(states)
    wait_until(lambda: len(page(cloud, arn)[0]) == 4)
    first, token = page(cloud, arn, maxResults=3)
    client.stop_execution(executionArn=arn)
    wait_until(lambda: len(page(cloud, arn)[0]) == 5)
    assert (first, page(cloud, arn, maxResults=3, nextToken=token)[0]) == ([1, 2, 3], [4, 5])


@pytest.mark.parametrize("change", ["order", "execution", "nonsense"])
def test_a_token_of_another_question_is_refused(
    cloud: LocalCloud, long_one: str, run: Callable[..., dict[str, Any]], change: str
) -> None:
    token = "nonsense" if change == "nonsense" else page(cloud, long_one)[1]
    arn = run({"P": {"Type": "Pass", "End": True}})["executionArn"] if change == "execution" else long_one
    with pytest.raises(ClientError, match=r"\(InvalidToken\).*Invalid Token: '"):
        page(cloud, arn, reverseOrder=change == "order", nextToken=token)


def test_a_page_that_is_too_large_is_refused(cloud: LocalCloud, long_one: str) -> None:
    with pytest.raises(ClientError, match="less than or equal to 1000"):
        page(cloud, long_one, maxResults=1001)
