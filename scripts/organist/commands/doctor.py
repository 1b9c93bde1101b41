"""`organist doctor`: what would keep a deployment from producing, before a production finds out."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from organist.account.aws_account import Account, EndpointUrlOption, ProfileOption, RegionOption, open_account
from organist.account.deployed_stack import STANDARD_STACK, DeployedStack, StackOption, find_stack
from organist.doctor.examination import examine
from organist.doctor.findings import Finding, is_healthy
from organist.doctor.report import findings_document, findings_table, verdict
from organist.exit_codes import FAILURE, SUCCESS
from organist.input_file import read_input
from organist.repository import EXAMPLE_INPUT
from organist.terminal import open_console, say, show_table

DocumentArgument = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT.json",
        help="Document whose instance types and vCPUs are checked; by default the example.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")]


def doctor(
    document: DocumentArgument = EXAMPLE_INPUT,
    as_json: JsonOption = False,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Look whether the deployment can produce, and say what to do where it cannot; nothing is changed.

    AWS's policy simulator is asked what the roles may do. It does not evaluate an organisation's policies
    (SCPs) as a real call does.
    """
    checked = read_input(document)
    account = open_account(profile, region, endpoint_url)
    deployed = find_stack(account, stack)
    findings = examine(account, deployed, checked)
    if as_json:
        typer.echo(json.dumps(findings_document(deployed.name, account.region, findings), indent=2))
    else:
        print_findings(findings, open_console())
    raise typer.Exit(SUCCESS if is_healthy(findings) else FAILURE)


def examine_deployment(account: Account, stack: DeployedStack, console: Console) -> int:
    """Look at a stack that was just deployed, with the example's machines; return the exit code."""
    findings = examine(account, stack, read_input(EXAMPLE_INPUT))
    print_findings(findings, console)
    return SUCCESS if is_healthy(findings) else FAILURE


def print_findings(findings: list[Finding], console: Console) -> None:
    """Print the table and the verdict."""
    show_table(console, findings_table(findings))
    say(console, verdict(findings))
