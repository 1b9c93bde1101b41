"""Ending what runs before a stack goes: executions stopped, the reaper called until nothing is there."""

import io
import json
from typing import Any

import pytest

from organist.account import productions_end
from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import DeployedStack
from organist.account.productions_end import end_productions, running_productions
from tests.unit.organist.conftest import account_of

EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:two-dynamicNTS:a"
STACK = DeployedStack(
    "two", {"StateMachineArn": "arn:machine", "NamePrefix": "two-", "ReaperFunction": "two-reapInstances"}
)


class Functions:
    """Lambda whose reaper answers one report after the other, the last again and again."""

    def __init__(self, *reports: tuple[list[str], list[str]]) -> None:
        self._reports = list(reports)
        self.called: list[tuple[str, dict[str, Any]]] = []

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - AWS's own names
        self.called.append((FunctionName, json.loads(Payload)))
        report: dict[str, Any] = {}
        if FunctionName == "two-reapInstances":
            kept, removed = self._reports.pop(0) if len(self._reports) > 1 else self._reports[0]
            report = {"kept": kept, "removed": [{"instanceName": name} for name in removed], "refused": []}
        return {"Payload": io.BytesIO(json.dumps(report).encode())}


class Executions:
    """Step Functions with one running execution."""

    def __init__(self) -> None:
        self.stopped: list[str] = []

    def get_paginator(self, _: str) -> "Executions":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"executions": [{"executionArn": EXECUTION}]}]

    def stop_execution(self, executionArn: str, **_: str) -> None:  # noqa: N803 - AWS's own name
        self.stopped.append(executionArn)


def end(account: Account) -> None:
    end_productions(account, STACK, lambda _: None, lambda: None)


def test_executions_are_stopped_and_machines_waited_for() -> None:
    functions = Functions(([], ["a-1"]), ([], ["a-1"]), (["by-hand"], ["a-1"]), ([], []))
    executions = Executions()
    end(account_of(functions=functions, stepfunctions=executions))
    assert executions.stopped == [EXECUTION]
    assert ("two-terminateInstance", {"instanceName": "by-hand"}) in functions.called
    assert functions.called[0] == ("two-reapInstances", {"dryRun": True})
    assert functions.called[-1] == ("two-reapInstances", {"dryRun": False})


def test_what_runs_is_executions_and_every_machine() -> None:
    account = account_of(functions=Functions((["by-hand"], ["orphan"])), stepfunctions=Executions())
    running = running_productions(account, STACK)
    assert running.executions == [EXECUTION]
    assert running.machines == ["by-hand", "orphan"]


def test_machines_that_do_not_go_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(productions_end, "POLLS", 3)
    account = account_of(functions=Functions(([], ["stuck-1"])), stepfunctions=Executions())
    with pytest.raises(AccountError, match="stuck-1 did not go away"):
        end(account)
