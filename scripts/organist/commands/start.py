"""`organist start`: a production in the account, once its document and the account are found good."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from lambdas.aws.placements import wanted_types
from lambdas.engines.production_plan import MACHINES
from organist.account.aws_account import (
    Account,
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.account.deployed_stack import STANDARD_STACK, DeployedStack, StackOption, find_stack
from organist.account.quotas import check_quota, check_types
from organist.exit_codes import SUCCESS
from organist.input_file import read_input, size_warnings
from organist.report.production_watch import ProductionWatch
from organist.terminal import open_console, say

DocumentArgument = Annotated[
    Path, typer.Argument(metavar="INPUT.json", help="The document that describes the production.")
]
NameOption = Annotated[str | None, typer.Option(help="Name of the execution; by default made from the time.")]
WatchOption = Annotated[bool, typer.Option("--watch", help="Follow the production to its end.")]

# A name that is too long is a ValidationException: https://github.com/getmoto/moto/issues/6438
_NAME_REFUSED = ("ExecutionAlreadyExists", "InvalidName", "ValidationException")


def start(  # noqa: PLR0913, PLR0917 - one parameter an option, as typer has it
    document: DocumentArgument,
    name: NameOption = None,
    watch: WatchOption = False,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Start a production, after checking its document, the instance types and the account's quota."""
    console = open_console()
    checked = read_input(document)
    account = open_account(profile, region, endpoint_url)
    deployed = find_stack(account, stack)
    for warning in check_machines(account, checked):
        say(console, f"Warning: {warning}")
    arn = start_execution(account, deployed, checked, name)
    say(console, f"Execution {arn}")
    if watch:
        raise typer.Exit(ProductionWatch(account, deployed.name, console).run(arn))
    say(console, f"organist watch {arn}")
    raise typer.Exit(SUCCESS)


def check_machines(account: Account, document: dict[str, Any]) -> list[str]:
    """Check that the account can launch a document's machines, large enough ones; return warnings.

    Raises:
        CannotLaunch: The region or the account cannot start the machines; nothing was started.
        InputFileError: A type cannot do the work.
    """
    choices = [wanted_types(document[key]["instanceType"]) for key in MACHINES.values()]
    every = [kind for types in choices for kind in types]
    facts = check_types(account.ec2, account.region, every)
    # The first choice of each: what comes after it is taken only where that cannot be had.
    first = [types[0] for types in choices]
    return [*size_warnings(document, facts), *check_quota(account, first, facts)]


def start_execution(
    account: Account, deployed: DeployedStack, document: dict[str, Any], name: str | None
) -> str:
    """Start the execution; return its ARN.

    Raises:
        AccountError: The name is taken or no name.
    """
    chosen = name or f"production-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        started = account.stepfunctions.start_execution(
            stateMachineArn=deployed.state_machine_arn, name=chosen, input=json.dumps(document)
        )
    except ClientError as error:
        if error_code(error) not in _NAME_REFUSED:
            raise
        raise AccountError(
            f'--name "{chosen}" is taken or no name; expected one that no execution of the last 90 days had, '
            "of letters, digits, - and _, 80 characters at the most. Nothing was started."
        ) from error
    return started["executionArn"]
