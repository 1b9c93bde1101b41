"""What a stack in the account is made of, found through its outputs; the local cloud has fixed names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code, error_message
from organist.account.aws_account import Account, AccountError

STANDARD_STACK = "organist"
STATE_MACHINE = "dynamicNTS"
REAPER = "reapInstances"

StackOption = Annotated[str, typer.Option(help="The CloudFormation stack's name.")]


@dataclass(frozen=True)
class DeployedStack:
    """A stack that is there; ``name`` is also the value of the tag on its machines."""

    name: str
    outputs: Mapping[str, str]

    @property
    def state_machine_arn(self) -> str:
        """The state machine that runs productions."""
        return self.outputs["StateMachineArn"]

    @property
    def reaper(self) -> str:
        """The name of the function that removes what outlived its production."""
        return self.outputs.get("ReaperFunction", self.outputs.get("NamePrefix", "") + REAPER)


def find_stack(account: Account, name: str) -> DeployedStack:
    """Return a deployed stack.

    Raises:
        AccountError: There is none of this name, or it was never completed.
    """
    described = describe_stack(account, name)
    if described is not None:
        outputs = stack_outputs(described)
        if "StateMachineArn" not in outputs:
            raise AccountError(
                f"The stack {name} is {described['StackStatus']} and has no state machine. "
                f"`organist deploy --stack {name} --bucket BUCKET` completes it."
            )
        return DeployedStack(name, outputs)
    if account.endpoint_url:
        return _local_stack(account, name)
    raise AccountError(
        f"There is no stack {name} in {account.region}. Give --stack or --region, or make it: "
        f"organist deploy --stack {name} --bucket BUCKET"
    )


def describe_stack(account: Account, name: str) -> Mapping[str, Any] | None:
    """Return CloudFormation's description of a stack, or None if there is no such stack."""
    try:
        stacks = account.cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error_code(error) == "ValidationError" and "does not exist" in error_message(error):
            return None
        raise
    return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def stack_outputs(described: Mapping[str, Any]) -> dict[str, str]:
    """Return a described stack's outputs by name."""
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def parameter_value(described: Mapping[str, Any] | None, name: str) -> str:
    """Return a described stack's value of a parameter, "" if it has none."""
    parameters = (described or {}).get("Parameters", [])
    return next((str(item["ParameterValue"]) for item in parameters if item["ParameterKey"] == name), "")


def _local_stack(account: Account, name: str) -> DeployedStack:
    for page in account.stepfunctions.get_paginator("list_state_machines").paginate():
        for machine in page["stateMachines"]:
            if machine["name"] == STATE_MACHINE:
                return DeployedStack(name, {"StateMachineArn": machine["stateMachineArn"]})
    raise AccountError(f"There is neither a stack {name} nor a state machine {STATE_MACHINE} here.")
