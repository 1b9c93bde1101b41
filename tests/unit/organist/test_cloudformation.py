"""Change sets and events, against the exact calls of AWS."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from botocore.stub import Stubber

from organist.deploy.stack.change_set import (
    ChangeSet,
    ChangeSetFailed,
    ResourceChange,
    changes_table,
    make_change_set,
)
from organist.deploy.stack.stack_events import StackEvent, events_so_far, follow_stack
from organist.terminal import open_console

Stubs = Callable[[str], tuple[Any, Stubber]]
WANTED = ChangeSet("organist-1", "organist", (), new=False)
STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/organist/1"
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
NAMED = {"StackName": "organist", "ChangeSetName": "organist-1"}


def no_sleep() -> None:
    """Wait for nothing."""


def described(status: str, reason: str = "", changes: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"Status": status, "StatusReason": reason, "Changes": changes or []}


def changed(action: str, name: str, replacement: str = "False") -> dict[str, Any]:
    change = {"Action": action, "LogicalResourceId": name, "ResourceType": "T", "Replacement": replacement}
    return {"Type": "Resource", "ResourceChange": change}


def make(cfn: Any) -> ChangeSet | None:
    return make_change_set(cfn, WANTED, {"TemplateBody": "{}"}, [], no_sleep)


def test_a_change_set_is_waited_for_and_read(stubs: Stubs) -> None:
    cfn, stubber = stubs("cloudformation")
    asked = {
        "ChangeSetType": "UPDATE",
        "Capabilities": ["CAPABILITY_IAM"],
        "IncludeNestedStacks": True,
        "TemplateBody": "{}",
        "Parameters": [],
    }
    stubber.add_response("create_change_set", {}, {**NAMED, **asked})
    stubber.add_response("describe_change_set", described("CREATE_IN_PROGRESS"), NAMED)
    stubber.add_response("describe_change_set", described("CREATE_COMPLETE"), NAMED)
    changes = [changed("Modify", "A", "True"), changed("Add", "B"), changed("Modify", "C", "Conditional")]
    stubber.add_response("describe_change_set", described("CREATE_COMPLETE", changes=changes), NAMED)
    made = make(cfn)
    assert made is not None
    assert [(change.name, change.replaced) for change in made.changes] == [
        ("A", True),
        ("B", False),
        ("C", False),
    ]


def test_what_changes_in_a_nested_stack_is_told_too(stubs: Stubs) -> None:
    cfn, stubber = stubs("cloudformation")
    stubber.add_response("create_change_set", {})
    stubber.add_response("describe_change_set", described("CREATE_COMPLETE"), NAMED)
    nested = changed("Modify", "Inner")
    nested["ResourceChange"]["ChangeSetId"] = "arn:aws:cloudformation:eu-west-1:1:changeSet/nested/1"
    stubber.add_response("describe_change_set", described("CREATE_COMPLETE", changes=[nested]), NAMED)
    stubber.add_response(
        "describe_change_set",
        described("CREATE_COMPLETE", changes=[changed("Modify", "Volume", "True")]),
        {"ChangeSetName": nested["ResourceChange"]["ChangeSetId"]},
    )
    made = make(cfn)
    assert made is not None
    assert [(change.name, change.replaced) for change in made.changes] == [
        ("Inner", False),
        ("Inner/Volume", True),
    ]


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
    ],
)
def test_an_empty_change_set_is_none_and_not_kept(stubs: Stubs, reason: str) -> None:
    cfn, stubber = stubs("cloudformation")
    stubber.add_response("create_change_set", {})
    stubber.add_response("describe_change_set", described("FAILED", reason))
    stubber.add_response("delete_change_set", {}, NAMED)
    assert make(cfn) is None


def test_a_change_set_that_fails_is_told_and_not_kept(stubs: Stubs) -> None:
    cfn, stubber = stubs("cloudformation")
    stubber.add_response("create_change_set", {})
    stubber.add_response("describe_change_set", described("FAILED", "Unresolved resource dependency."))
    stubber.add_response("delete_change_set", {}, NAMED)
    with pytest.raises(ChangeSetFailed, match="Unresolved resource dependency"):
        make(cfn)


def test_a_template_that_cloudformation_refuses(stubs: Stubs) -> None:
    cfn, stubber = stubs("cloudformation")
    stubber.add_client_error("create_change_set", "ValidationError", "Parameter VpcId is wrong")
    with pytest.raises(ChangeSetFailed, match=r"VpcId is wrong.*Nothing was changed"):
        make(cfn)


def test_replacements_stand_first_with_a_warning() -> None:
    console = open_console(file=StringIO(), width=120)
    console.print(
        changes_table([ResourceChange("Add", "A", "T", False), ResourceChange("Modify", "Z", "T", True)])
    )
    assert isinstance(console.file, StringIO)
    rows = [line for line in console.file.getvalue().splitlines() if "│" in line]
    assert "Z" in rows[0]
    assert "the old one goes" in rows[0]
    assert "the old one goes" not in rows[1]


def event(number: int, name: str, status: str, reason: str = "") -> dict[str, Any]:
    physical = STACK_ID if name == "organist" else name
    return {
        "StackId": STACK_ID,
        "StackName": "organist",
        "EventId": f"e{number}",
        "Timestamp": START + timedelta(seconds=number),
        "LogicalResourceId": name,
        "PhysicalResourceId": physical,
        "ResourceType": "T",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def poll(stubber: Stubber, status: str, events: list[dict[str, Any]]) -> None:
    """One poll of ``follow_stack``: the stack's status and its events, the newest first."""
    stack = {"StackName": "organist", "CreationTime": START, "StackStatus": status}
    stubber.add_response("describe_stacks", {"Stacks": [stack]})
    stubber.add_response("describe_stack_events", {"StackEvents": events[::-1]})


def test_events_are_told_once_until_the_stack_itself_has_ended(stubs: Stubs) -> None:
    cfn, stubber = stubs("cloudformation")
    old = [event(1, "organist", "CREATE_COMPLETE")]
    begun = [*old, event(2, "organist", "UPDATE_IN_PROGRESS"), event(3, "A", "UPDATE_IN_PROGRESS")]
    ended = [*begun, event(4, "A", "UPDATE_COMPLETE"), event(5, "organist", "UPDATE_COMPLETE")]
    stubber.add_response("describe_stack_events", {"StackEvents": old})
    seen = events_so_far(cfn, STACK_ID)
    # For a moment CloudFormation still shows the status of the last change, which had ended.
    poll(stubber, "CREATE_COMPLETE", old)
    poll(stubber, "UPDATE_IN_PROGRESS", begun)
    poll(stubber, "UPDATE_COMPLETE", ended)
    message = [(message.resource, message.status) for message in follow_stack(cfn, STACK_ID, seen, no_sleep)]
    assert message == [
        ("organist", "UPDATE_IN_PROGRESS"),
        ("A", "UPDATE_IN_PROGRESS"),
        ("A", "UPDATE_COMPLETE"),
        ("organist", "UPDATE_COMPLETE"),
    ]


def test_a_consequence_is_no_cause() -> None:
    cancelled = StackEvent(START, "B", "T", "CREATE_FAILED", "Resource creation cancelled")
    assert not cancelled.is_failure
    assert StackEvent(START, "A", "T", "CREATE_FAILED", "Access denied").is_failure
