"""`organist sweep`: the reaper, sent by hand."""

from typing import Annotated, Any

import typer
from rich.table import Table

from organist.account.aws_account import (
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.account.deployed_stack import STANDARD_STACK, StackOption, find_stack
from organist.account.reaper import call_reaper
from organist.exit_codes import FAILURE, SUCCESS
from organist.terminal import open_console, show_table


def sweep(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be removed, and remove nothing.")
    ] = False,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Remove whatever outlived its production, and print what it was."""
    account = open_account(profile, region, endpoint_url)
    report = call_reaper(account, find_stack(account, stack), dry_run=dry_run)
    console = open_console()
    show_table(console, orphans_table(report))
    raise typer.Exit(FAILURE if report["refused"] else SUCCESS)


def orphans_table(report: dict[str, Any]) -> Table:
    """Return the reaper's report as a table, a row a machine."""
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
