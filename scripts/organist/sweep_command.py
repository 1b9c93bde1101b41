"""`organist sweep`: the reaper, sent by hand."""

import json
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError
from rich.table import Table

from lambdas.aws.errors import error_code
from organist.account import (
    Account,
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
    read_payload,
)
from organist.deployed_stack import STANDARD_STACK, DeployedStack, StackOption, find_stack
from organist.exit_codes import FAILURE, SUCCESS
from organist.terminal import open_console


def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go; remove nothing.")] = False,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Remove whatever outlived its production, and tell what it was."""
    account = open_account(profile, region, endpoint_url)
    report = call_reaper(account, find_stack(account, stack), dry_run=dry_run)
    console = open_console()
    console.print(_table(report))
    raise typer.Exit(FAILURE if report["refused"] else SUCCESS)


def call_reaper(account: Account, stack: DeployedStack, *, dry_run: bool) -> dict[str, Any]:
    """Call the stack's reaper; give its report.

    Raises: ``AccountError`` if it is not there, or fails.
    """
    try:
        answer = account.functions.invoke(FunctionName=stack.reaper, Payload=json.dumps({"dryRun": dry_run}))
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise AccountError(
            f"There is no function {stack.reaper} here: another region, or not deployed."
        ) from error
    report: dict[str, Any] = json.loads(read_payload(answer))
    if "FunctionError" in answer:
        raise AccountError(f"The reaper failed: {report.get('errorMessage', report)}")
    return report


def _table(report: dict[str, Any]) -> Table:
    table = Table("machine", "what becomes of it", "why", "instances")
    gone = "would be removed" if report["dryRun"] else "removed"
    for removed in report["removed"]:
        table.add_row(removed["instanceName"], gone, removed["reason"], ", ".join(removed["instanceIds"]))
    for name in report["kept"]:
        table.add_row(name, "kept", "its production runs, or it has not expired", "")
    for refused in report["refused"]:
        table.add_row(refused["instanceName"], f"could not {refused['step']}", refused["cause"], "")
    if not table.rows:
        table.add_row("none", "", "nothing is there", "")
    return table
