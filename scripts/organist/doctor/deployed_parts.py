"""What a deployment is made of, as its functions and its state machine tell; a local cloud has both, too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from organist.account.aws_account import Account
from organist.account.deployed_stack import STATE_MACHINE, DeployedStack
from organist.doctor.checked_calls import STATE_MACHINE as STATE_MACHINE_SUBJECT
from organist.doctor.checked_calls import CheckedCall

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef
    from mypy_boto3_stepfunctions.type_defs import DescribeStateMachineOutputTypeDef

TASK_DEFINITIONS = ("TASK_DEFINITION", "DYNAMORSE_TASK_DEFINITION", "METRICBEAT_TASK_DEFINITION")

_TOLD = ("STACK_NAME", "CLUSTER", "SUBNET_IDS", "LAUNCH_TEMPLATE_ID", "LAUNCH_TEMPLATE_VERSION")


@dataclass(frozen=True)
class DeployedParts:
    """A deployment's functions and state machine.

    Attributes:
        stack: The stack.
        functions: Each function's configuration by its name without the prefix; None if it is not there.
        state_machine: What DescribeStateMachine answers.
    """

    stack: DeployedStack
    functions: "Mapping[str, FunctionConfigurationResponseTypeDef | None]"
    state_machine: "DescribeStateMachineOutputTypeDef"

    @property
    def prefix(self) -> str:
        """What stands in front of every fixed name."""
        return self.state_machine["name"].removesuffix(STATE_MACHINE)

    @property
    def account_number(self) -> str:
        """The account's number."""
        return self.state_machine["stateMachineArn"].split(":")[4]

    @property
    def subnets(self) -> list[str]:
        """The subnets that machines start in."""
        return [subnet for subnet in self.variable("newInstance", "SUBNET_IDS").split(",") if subnet]

    @property
    def task_definitions(self) -> list[str]:
        """The ARNs of the task definitions, Node-RED's first."""
        named = (self.variable("startNodeRED", name) for name in TASK_DEFINITIONS)
        return [arn for arn in named if arn]

    @property
    def is_whole(self) -> bool:
        """Whether the functions are there that tell what else there is, and can be read."""
        message = (self.variable("newInstance", name) for name in _TOLD)
        return bool(all(message) and self.task_definitions)

    def variable(self, function: str, name: str) -> str:
        """Return a variable of a function's environment, "" if either is not there."""
        configuration = self.functions.get(function)
        if configuration is None:
            return ""
        return configuration.get("Environment", {}).get("Variables", {}).get(name, "")


def read_parts(account: Account, stack: DeployedStack, calls: Iterable[CheckedCall]) -> DeployedParts:
    """Ask what a stack is made of.

    Args:
        account: Where it is.
        stack: The stack.
        calls: The recorded calls, which name the functions that there are.
    """
    machine = account.stepfunctions.describe_state_machine(stateMachineArn=stack.state_machine_arn)
    prefix = machine["name"].removesuffix(STATE_MACHINE)
    functions = account.functions
    names = sorted(_names(calls))
    return DeployedParts(stack, {name: _configuration(functions, prefix + name) for name in names}, machine)


def _names(calls: Iterable[CheckedCall]) -> set[str]:
    invoked = (call.resource for call in calls if call.subject == STATE_MACHINE_SUBJECT)
    # Nobody's state invokes the reaper: events do.
    return {"reapInstances", *(arn.rpartition("}")[2] for arn in invoked)}


def _configuration(functions: "LambdaClient", name: str) -> "FunctionConfigurationResponseTypeDef | None":
    try:
        return functions.get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return None
