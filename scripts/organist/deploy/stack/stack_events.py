"""Following CloudFormation while it makes, changes or deletes a stack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code, error_message

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

ENDED = frozenset(
    {
        "CREATE_COMPLETE",
        "CREATE_FAILED",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "DELETE_COMPLETE",
        "DELETE_FAILED",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
    }
)
_OWN_CONSEQUENCES = ("Resource creation cancelled", "Resource update cancelled")


@dataclass(frozen=True)
class StackEvent:
    """What happened to one resource; ``kind`` is its CloudFormation type."""

    at: datetime
    resource: str
    kind: str
    status: str
    reason: str
    is_whole_stack: bool = False

    @property
    def line(self) -> str:
        """Return the event as a person reads it."""
        return f"{self.at:%H:%M:%S}  {self.status:<28} {self.resource}  {self.reason}".rstrip()

    @property
    def is_failure(self) -> bool:
        """Return whether this is a cause, not the consequence of another resource's failure."""
        return self.status.endswith("_FAILED") and not self.reason.startswith(_OWN_CONSEQUENCES)


def events_so_far(cfn: "CloudFormationClient", stack: str) -> set[str]:
    """Return the ids of a stack's newest events: what follows them is news."""
    return {event["EventId"] for event in cfn.describe_stack_events(StackName=stack)["StackEvents"]}


def follow_stack(
    cfn: "CloudFormationClient", stack_id: str, seen: set[str], sleep: Callable[[], None]
) -> Iterator[StackEvent]:
    """Yield every event that is not ``seen`` as it happens, until CloudFormation has ended.

    Args:
        cfn: The client to ask.
        stack_id: The stack's ARN: a deleted stack has no name any more.
        seen: What ``events_so_far`` gave before the change.
        sleep: Waits a moment.
    """
    seen = set(seen)
    while True:
        gone = stack_status(cfn, stack_id) == "DELETE_COMPLETE"
        news = _news(cfn, stack_id, seen)
        for event, identity in news:
            seen.add(identity)
            yield event
        # By events, not by the status: for a moment it is still that of the last change.
        if gone or any(event.is_whole_stack and event.status in ENDED for event, _ in news):
            return
        sleep()


def stack_status(cfn: "CloudFormationClient", stack_id: str) -> str:
    """Return a stack's status; a stack that cannot be found any more is DELETE_COMPLETE."""
    try:
        return cfn.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if error_code(error) == "ValidationError" and "does not exist" in error_message(error):
            return "DELETE_COMPLETE"
        raise


def _news(cfn: "CloudFormationClient", stack_id: str, seen: set[str]) -> list[tuple[StackEvent, str]]:
    news: list[tuple[StackEvent, str]] = []
    for page in cfn.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        fresh = [event for event in page["StackEvents"] if event["EventId"] not in seen]
        news += [(_read(event), event["EventId"]) for event in fresh]
        if len(fresh) < len(page["StackEvents"]):
            break  # the newest come first: all that follows is known
    return news[::-1]


def _read(event: "StackEventTypeDef") -> StackEvent:
    return StackEvent(
        at=event["Timestamp"],
        resource=event.get("LogicalResourceId", ""),
        kind=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""),
        reason=event.get("ResourceStatusReason", ""),
        is_whole_stack=event.get("PhysicalResourceId") == event["StackId"],
    )
