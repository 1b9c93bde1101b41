"""Ending every production of a stack: executions stopped, machines gone."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import DeployedStack
from organist.account.reaper import call_reaper
from organist.command_errors import CommandError

POLLS = 120  # one every 5 s: ten minutes, where AWS needs about two
TERMINATOR = "terminateInstance"


class ProductionsRunning(CommandError):
    """Something still runs that would be cut off."""


@dataclass(frozen=True)
class Running:
    """What a stack has running: executions by ARN, machines by name."""

    executions: list[str]
    machines: list[str]

    @property
    def anything(self) -> bool:
        """Return whether it is more than nothing."""
        return bool(self.executions or self.machines)


def running_productions(account: Account, stack: DeployedStack) -> Running:
    """Return what runs at the moment, machines launched by hand and orphans too."""
    executions = running_executions(account, stack)
    report = call_reaper(account, stack, dry_run=True)
    return Running(executions, _names(report))


def running_executions(account: Account, stack: DeployedStack) -> list[str]:
    """Return the ARNs of the executions that run."""
    pages = account.stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=stack.state_machine_arn, statusFilter="RUNNING"
    )
    return [item["executionArn"] for page in pages for item in page["executions"]]


def end_productions(
    account: Account, stack: DeployedStack, print_line: Callable[[str], None], sleep: Callable[[], None]
) -> None:
    """Stop every execution and remove every machine; return once nothing is there.

    Raises:
        AccountError: Names what stays.
    """
    for arn in running_productions(account, stack).executions:
        account.stepfunctions.stop_execution(executionArn=arn, error="Destroyed", cause="organist destroy")
        print_line(f"stopped {arn}")
    left: list[str] = []
    for _ in range(POLLS):
        report = call_reaper(account, stack, dry_run=False)
        for name in report["kept"]:
            _terminate(account, stack, name)
        now = _names(report)
        if not now:
            return
        if now != left:
            print_line(f"still there: {', '.join(now)}")
            left = now
        sleep()
    raise AccountError(
        f"{', '.join(left)} did not go away. See the EC2 console and `organist sweep`, then try again."
    )


def _terminate(account: Account, stack: DeployedStack, name: str) -> None:
    # Launched by hand and not expired: not the reaper's. The answer does not matter: the next poll shows it.
    function = stack.outputs.get("NamePrefix", "") + TERMINATOR
    account.functions.invoke(FunctionName=function, Payload=json.dumps({"instanceName": name}))


def _names(report: dict[str, Any]) -> list[str]:
    return sorted({*report["kept"], *(removal["instanceName"] for removal in report["removed"])})
