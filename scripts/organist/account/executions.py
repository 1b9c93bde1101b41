"""Finding an execution by what a person calls it."""

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import find_stack


def find_execution(account: Account, stack: str, execution: str) -> str:
    """Return an execution's ARN.

    Args:
        account: Where it runs.
        stack: Where an execution's name is looked up.
        execution: The ARN or the execution's name.

    Raises:
        AccountError: There is no such stack or execution.
    """
    arn = execution if execution.startswith("arn:") else _named(account, stack, execution)
    try:
        account.stepfunctions.describe_execution(executionArn=arn)
    except ClientError as error:
        if error_code(error) in ("ExecutionDoesNotExist", "InvalidArn"):
            raise AccountError(
                f"There is no execution {execution}. `aws stepfunctions list-executions` shows all."
            ) from error
        raise
    return arn


def _named(account: Account, stack: str, name: str) -> str:
    machine = find_stack(account, stack).state_machine_arn
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
