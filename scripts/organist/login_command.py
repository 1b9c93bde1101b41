"""`organist login`: what a person signs in with at a machine's editor."""

from typing import Annotated

import typer

from lambdas.machine_secrets import OPERATOR, operator_password, secret_value
from lambdas.show_instances import show_instances
from organist.account import (
    Account,
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.deployed_stack import STANDARD_STACK, DeployedStack, StackOption, describe_stack, find_stack
from organist.machine_addresses import editor_url
from organist.terminal import open_console

RESOURCE_TYPE = "AWS::SecretsManager::Secret"
InstanceArgument = Annotated[str, typer.Argument(metavar="INSTANCE", help="The machine's name.")]


def login(
    instance: InstanceArgument,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Print the address of a machine's editor, the user and the password."""
    account = open_account(profile, region, endpoint_url)
    deployed = find_stack(account, stack)
    shown = show_instances({"instanceName": instance}, deployed.name, account.ec2)["instances"]
    alive = [machine for machine in shown if machine["state"] in ("pending", "running")]
    if not alive:
        raise AccountError(f"There is no machine {instance} running. `organist instances` shows all.")
    password = operator_password(stack_secret(account, deployed), instance)
    open_console().print(
        f"{editor_url(alive[0])}\nuser      {OPERATOR}\npassword  {password}", highlight=False, soft_wrap=True
    )


def stack_secret(account: Account, deployed: DeployedStack) -> str:
    """Give the secret that a stack's passwords derive from.

    Raises: ``AccountError`` if the stack has none.
    """
    if describe_stack(account, deployed.name) is not None:
        found = _secrets_of_stack(account, deployed.name)
    else:  # the local cloud: no stack, but secrets named as CloudFormation names a stack's
        own = [{"Key": "name", "Values": [f"{deployed.name}-"]}]
        listed = account.secrets.list_secrets(Filters=own)["SecretList"]  # type: ignore[arg-type]
        found = [secret["ARN"] for secret in listed]
    if not found:
        raise AccountError(f"The stack {deployed.name} has no secret: deploy again.")
    return secret_value(account.secrets.get_secret_value(SecretId=found[0])["SecretString"])


def _secrets_of_stack(account: Account, name: str) -> list[str]:
    pages = account.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return [
        found["PhysicalResourceId"]
        for page in pages
        for found in page["StackResourceSummaries"]
        if found["ResourceType"] == RESOURCE_TYPE and "PhysicalResourceId" in found
    ]
