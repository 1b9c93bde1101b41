"""`organist instances`: the machines of a stack."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from lambdas.runtime.timestamps import from_iso
from lambdas.show_instances import show_instances
from organist.account.aws_account import EndpointUrlOption, ProfileOption, RegionOption, open_account
from organist.account.deployed_stack import STANDARD_STACK, StackOption, find_stack
from organist.terminal import open_console, say, show_table

AllOption = Annotated[bool, typer.Option("--all", help="Also show machines that ended within about an hour.")]
COLUMNS = ("machine", "instance", "type", "state", "private", "public", "production", "since", "expires")


def instances(
    every: AllOption = False,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Show the machines: state, addresses, whose they are, since when, until when."""
    account = open_account(profile, region, endpoint_url)
    shown = show_instances({}, find_stack(account, stack).name, account.ec2)["instances"]
    if not every:
        shown = [machine for machine in shown if machine["state"] != "terminated"]
    if not shown:
        say(open_console(), "There are no machines.")
        return
    show_table(open_console(), machines_table(shown, datetime.now(UTC)))


def machines_table(shown: list[dict[str, Any]], now: datetime) -> Table:
    """Return the machines as a table.

    Args:
        shown: As ``showInstances`` gives it.
        now: The moment that ages count to.
    """
    table = Table(*COLUMNS)
    for machine in shown:
        table.add_row(
            machine["instanceName"] or "",
            machine["instanceId"],
            machine["instanceType"],
            machine["state"],
            machine["privateAddress"] or "",
            machine["publicAddress"] or "",
            machine["productionId"] or "by hand",
            _age(from_iso(machine["launchedAt"]), now),
            machine["expiresAt"] or "",
        )
    return table


def _age(since: datetime, now: datetime) -> str:
    minutes, seconds = divmod(int((now - since).total_seconds()), 60)
    return f"{minutes} min {seconds} s"
