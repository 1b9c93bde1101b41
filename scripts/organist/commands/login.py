"""`organist login`: what a person signs in with at a machine's editor, or at Kibana."""

from typing import Annotated

import typer

from lambdas.production.secrets import OPERATOR, operator_password
from lambdas.show_instances import show_instances
from organist.account.aws_account import (
    Account,
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.account.deployed_stack import (
    STANDARD_STACK,
    DeployedStack,
    StackOption,
    find_stack,
)
from organist.account.machine_addresses import editor_url, reached_at
from organist.account.stack_secret import stack_secret
from organist.command_errors import CommandError
from organist.terminal import open_console, say


class LoginError(CommandError):
    """It was not said whose password is wanted."""


InstanceArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="INSTANCE",
        help="The name of the machine, as `organist instances` shows it.",
        show_default=False,
    ),
]
MonitoringOption = Annotated[
    bool, typer.Option("--monitoring", help="Print Kibana's address and password, not a machine's.")
]


def login(
    instance: InstanceArgument = None,
    monitoring: MonitoringOption = False,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Print the address of a machine's editor, or of Kibana, the user and the password."""
    if monitoring == bool(instance):
        raise LoginError("Expected the name of a machine, or --monitoring for Kibana; one of the two.")
    account = open_account(profile, region, endpoint_url)
    deployed = find_stack(account, stack)
    if instance:
        address, password = _editor(account, deployed, instance)
    else:
        address, password = _kibana(account, deployed)
    say(open_console(), f"{address}\nuser      {OPERATOR}\npassword  {password}")


def _editor(account: Account, deployed: DeployedStack, instance: str) -> tuple[str, str]:
    shown = show_instances({"instanceName": instance}, deployed.name, account.ec2)["instances"]
    alive = [machine for machine in shown if machine["state"] in ("pending", "running")]
    if not alive:
        raise AccountError(f"There is no machine {instance} running. `organist instances` shows all.")
    address = reached_at(alive[0])
    if address is None:
        raise AccountError(f"{instance} has no address yet. Try again in a minute.")
    return editor_url(address), operator_password(stack_secret(account, deployed), instance)


def _kibana(account: Account, deployed: DeployedStack) -> tuple[str, str]:
    if "KibanaUrl" not in deployed.outputs:
        raise AccountError(
            f"The stack {deployed.name} has no Kibana. `organist deploy --monitoring` adds an Elastic Stack."
        )
    secret = account.secrets.get_secret_value(SecretId=deployed.outputs["KibanaPasswordArn"])
    return deployed.outputs["KibanaUrl"], secret["SecretString"]
