"""A CloudFormation change set: what a deployment would do, before it does it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from rich.table import Table
from rich.text import Text
from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt

from lambdas.aws.errors import error_code
from organist.command_errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

POLLS = 300  # CloudFormation gives up by itself long before
# CloudFormation's own words for an empty change set.
NOTHING_CHANGED = ("didn't contain changes", "No updates are to be performed")


class ChangeSetFailed(CommandError):
    """CloudFormation does not take the template or a parameter."""


@dataclass(frozen=True)
class ResourceChange:
    """One resource's change: Add, Modify, Remove, Import or Dynamic; whether it is made anew."""

    action: str
    name: str
    kind: str
    replaced: bool


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed; empty ones are not kept.

    ``new`` says whether it makes the stack.
    """

    name: str
    stack: str
    changes: Sequence[ResourceChange]
    new: bool


def make_change_set(
    cfn: "CloudFormationClient",
    change_set: ChangeSet,
    template: Mapping[str, str],
    parameters: "Sequence[ParameterTypeDef]",
    sleep: Callable[[], None],
) -> ChangeSet | None:
    """Make a change set; None if nothing would change.

    Args:
        cfn: The client to ask.
        change_set: Names it and its stack.
        template: Its TemplateBody or TemplateURL.
        parameters: What the stack's parameters become.
        sleep: Waits a moment.

    Raises:
        ChangeSetFailed: CloudFormation could not make it; the message has its words.
    """
    request: dict[str, Any] = {**template, "Parameters": list(parameters)}
    try:
        cfn.create_change_set(
            StackName=change_set.stack,
            ChangeSetName=change_set.name,
            ChangeSetType="CREATE" if change_set.new else "UPDATE",
            Capabilities=["CAPABILITY_IAM"],
            IncludeNestedStacks=True,
            **request,
        )
    except ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        raise ChangeSetFailed(f"CloudFormation does not take it: {error}. Nothing was changed.") from error
    described = _wait(cfn, change_set, sleep)
    if described["Status"] == "FAILED":
        delete_change_set(cfn, change_set)
        reason = str(described.get("StatusReason", ""))
        if any(words in reason for words in NOTHING_CHANGED):
            return None
        raise ChangeSetFailed(f"CloudFormation does not take it: {reason} Nothing was changed.")
    named = {"StackName": change_set.stack, "ChangeSetName": change_set.name}
    return ChangeSet(change_set.name, change_set.stack, tuple(_changes(cfn, named)), change_set.new)


def delete_change_set(cfn: "CloudFormationClient", change_set: ChangeSet) -> None:
    """Delete a change set, and the empty stack that a first one has made."""
    cfn.delete_change_set(StackName=change_set.stack, ChangeSetName=change_set.name)
    if change_set.new:
        cfn.delete_stack(StackName=change_set.stack)


def changes_table(changes: Sequence[ResourceChange]) -> Table:
    """Return the changes for a person, those that make something anew marked."""
    table = Table("what", "resource", "type", "")
    for change in sorted(changes, key=lambda item: (not item.replaced, item.action, item.name)):
        warning = Text("replaced: the old one goes" if change.replaced else "", style="bold red")
        table.add_row(change.action.lower(), change.name, change.kind, warning)
    return table


def _wait(cfn: "CloudFormationClient", change_set: ChangeSet, sleep: Callable[[], None]) -> Mapping[str, Any]:
    polling = Retrying(
        retry=retry_if_result(lambda described: described["Status"] not in ("CREATE_COMPLETE", "FAILED")),
        stop=stop_after_attempt(POLLS),
        sleep=lambda _: sleep(),
    )
    try:
        return polling(cfn.describe_change_set, StackName=change_set.stack, ChangeSetName=change_set.name)
    except RetryError as error:
        delete_change_set(cfn, change_set)
        raise ChangeSetFailed(
            "CloudFormation does not finish the change set. Nothing was changed; try again."
        ) from error


def _changes(
    cfn: "CloudFormationClient", request: Mapping[str, str], where: str = ""
) -> Iterator[ResourceChange]:
    """Yield the changes of a change set and of its nested ones, whose names begin with their stack's."""
    pages = cfn.get_paginator("describe_change_set").paginate(**request)  # type: ignore[arg-type]
    for item in [item["ResourceChange"] for page in pages for item in page.get("Changes", [])]:
        name = where + item["LogicalResourceId"]
        yield ResourceChange(
            action=item["Action"],
            name=name,
            kind=item["ResourceType"],
            replaced=item["Action"] == "Modify" and item.get("Replacement") == "True",
        )
        if nested := item.get("ChangeSetId"):
            yield from _changes(cfn, {"ChangeSetName": nested}, f"{name}/")
