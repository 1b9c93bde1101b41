"""The stack's reaper, called by hand."""

import json
from typing import Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from organist.account.aws_account import Account, AccountError, read_payload
from organist.account.deployed_stack import DeployedStack


def call_reaper(account: Account, stack: DeployedStack, *, dry_run: bool) -> dict[str, Any]:
    """Call the stack's reaper; return its report.

    Raises:
        AccountError: It is not there, or fails.
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
