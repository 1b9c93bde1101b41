"""All checks of one deployment, one after the other; what AWS refuses a check is on its line."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import DENIED, error_code, error_message, name_aws_error
from lambdas.runtime.errors import Kind
from organist.account.aws_account import EXPIRED, UNKNOWN_KEYS, Account
from organist.account.deployed_stack import DeployedStack
from organist.doctor import (
    alarm_mail,
    functions,
    image,
    log_groups,
    machine_types,
    network,
    permissions,
    quota_room,
)
from organist.doctor.checked_calls import read_calls
from organist.doctor.deployed_parts import DeployedParts, read_parts
from organist.doctor.findings import Finding, FindingState

_NOT_WHOLE = "newInstance and startNodeRED tell what to ask about: one is not there, or not to be read"

Check = Callable[[Account, DeployedParts], list[Finding]]


def examine(account: Account, stack: DeployedStack, document: Mapping[str, Any]) -> list[Finding]:
    """Return what all checks find.

    Args:
        account: Where the stack is.
        stack: The stack.
        document: A valid input document, whose machines' types and vCPUs are looked for.
    """
    parts = read_parts(account, stack, read_calls())
    checks: dict[str, Check] = {
        functions.CHECK: functions.check_functions,
        permissions.CHECK: permissions.check_permissions,
        network.CHECK: network.check_network,
        machine_types.CHECK: partial(machine_types.check_offerings, document=document),
        quota_room.CHECK: partial(quota_room.check_room, document=document),
        image.CHECK: image.check_image,
        log_groups.CHECK: log_groups.check_log_groups,
        alarm_mail.CHECK: alarm_mail.check_alarm_mail,
    }
    if not parts.is_whole:
        rest = [
            Finding(name, "all", FindingState.NOT_ASKED, _NOT_WHOLE)
            for name in checks
            if name != functions.CHECK
        ]
        return [*_run(functions.CHECK, checks[functions.CHECK], account, parts), *rest]
    return [finding for name, check in checks.items() for finding in _run(name, check, account, parts)]


def _run(name: str, check: Check, account: Account, parts: DeployedParts) -> list[Finding]:
    try:
        return check(account, parts)
    except ClientError as error:
        code = error_code(error)
        message = f"{error.operation_name} answered {code}: {error_message(error)}"
        if code in EXPIRED | UNKNOWN_KEYS:
            raise
        if code in DENIED:
            advice = "Repeat `organist doctor` with credentials that may ask it."
            return [Finding(name, "all", FindingState.WARNING, f"could not be asked: {message}", advice)]
        if name_aws_error(error).kind is Kind.RETRY:
            return [
                Finding(name, "all", FindingState.WARNING, f"could not be asked: {message}", "Try again.")
            ]
        return [
            Finding(
                name,
                "all",
                FindingState.FAILED,
                message,
                "What it names is gone or was changed: deploy anew.",
            )
        ]
