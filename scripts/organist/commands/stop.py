"""`organist stop`: off air now, then the state machine tears down and succeeds."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lambdas.aws import tags
from lambdas.aws.instances import ALIVE, find_instances
from lambdas.runtime.timestamps import to_iso
from organist.account.aws_account import (
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.account.deployed_stack import STANDARD_STACK, StackOption
from organist.account.executions import find_execution
from organist.terminal import open_console, say

ExecutionArgument = Annotated[str, typer.Argument(metavar="EXECUTION", help="The execution's ARN or name.")]


def stop(
    execution: ExecutionArgument,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """End a production's time on air now; it is taken down in good order and succeeds."""
    account = open_account(profile, region, endpoint_url)
    arn = find_execution(account, stack, execution)
    status = account.stepfunctions.describe_execution(executionArn=arn)["status"]
    if status != "RUNNING":
        raise AccountError(f"The execution {execution} is {status}; there is nothing to stop.")
    machines = find_instances(account.ec2, stack, ALIVE, execution_arn=arn)
    ids = [found["InstanceId"] for found in machines]
    if not ids:
        raise AccountError(
            f"The execution {execution} has no machines yet. Try again in a moment, or abort it: "
            f"aws stepfunctions stop-execution --execution-arn {arn}"
        )
    request = {"Key": tags.STOP, "Value": to_iso(datetime.now(UTC))}
    account.ec2.create_tags(Resources=ids, Tags=[request])  # type: ignore[list-item]
    say(
        open_console(), f"{execution} goes off air at its next check, within seconds, and is then taken down."
    )
