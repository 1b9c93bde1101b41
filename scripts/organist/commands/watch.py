"""`organist watch`: a production that runs, or ran, step by step."""

from typing import Annotated

import typer

from organist.account.aws_account import EndpointUrlOption, ProfileOption, RegionOption, open_account
from organist.account.deployed_stack import STANDARD_STACK, StackOption
from organist.account.executions import find_execution
from organist.report.production_watch import ProductionWatch
from organist.terminal import open_console

ExecutionArgument = Annotated[str, typer.Argument(metavar="EXECUTION", help="The execution's ARN or name.")]


def watch(
    execution: ExecutionArgument,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Follow a production to its end; Ctrl-C ends the watching only."""
    account = open_account(profile, region, endpoint_url)
    arn = find_execution(account, stack, execution)
    raise typer.Exit(ProductionWatch(account, stack, open_console()).run(arn))
