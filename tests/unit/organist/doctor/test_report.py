"""The report: a table that nobody's terminal breaks, JSON that stays as it is, refusals on their lines."""

import io
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ClientError

from organist.account.deployed_stack import DeployedStack
from organist.doctor import examination
from organist.doctor.findings import Finding, FindingState, is_healthy
from organist.doctor.report import findings_document, findings_table, verdict
from organist.terminal import open_console, show_table
from tests.unit.organist.conftest import account_of
from tests.unit.organist.doctor.parts import parts

ARN = "arn:aws:ecs:eu-west-1:123456789012:container-instance/organist-Cluster-ABCDEFGHIJKL/" + "0" * 32
FOUND = [
    Finding("permissions", "newInstance", FindingState.OK, "may [bold]all[/bold]"),
    Finding(
        "permissions", "reapInstances: ecs:ListTasks", FindingState.FAILED, f"on {ARN}", "Mend the role."
    ),
    Finding("quotas", "vCPUs", FindingState.NOT_ASKED, "not to be asked here"),
]
CHECKS = (
    *("permissions.check_permissions", "network.check_network", "machine_types.check_offerings"),
    *("quota_room.check_room", "image.check_image", "log_groups.check_log_groups"),
    "alarm_mail.check_alarm_mail",
)
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["stack", "region", "healthy", "findings"],
    "properties": {
        "stack": {"type": "string"},
        "region": {"type": "string"},
        "healthy": {"type": "boolean"},
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["check", "what", "state", "message", "advice"],
                "properties": {
                    "check": {"type": "string"},
                    "what": {"type": "string"},
                    "state": {"enum": ["ok", "warn", "fail", "not asked"]},
                    "message": {"type": "string"},
                    "advice": {"type": "string"},
                },
            },
        },
    },
}


@pytest.mark.parametrize("width", [40, 80, 250])
def test_an_arn_is_in_one_piece(width: int) -> None:
    written = io.StringIO()
    show_table(open_console(written, width), findings_table(FOUND))
    message = written.getvalue()
    assert ARN in message
    assert "[bold]all[/bold]" in message
    assert "→ Mend the role." in message


def test_the_json_is_what_programs_count_on() -> None:
    document = findings_document("ours", "eu-west-1", FOUND)
    jsonschema.validate(document, SCHEMA)
    assert document["healthy"] is False
    assert document["findings"][2]["state"] == "not asked"


def test_only_a_failure_is_unhealthy() -> None:
    warned = [Finding("logs", "all", FindingState.WARNING, "x", "y"), FOUND[0], FOUND[2]]
    assert is_healthy(warned)
    assert "look at the warnings" in verdict(warned)
    assert verdict(FOUND) == "A production would fail: see 1 of 3 lines."
    assert verdict([FOUND[0]]) == "Nothing found that keeps a production from running."


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Finding]]:
    """Examine a deployment in which every check answers so."""

    def run(answer: Callable[..., list[Finding]], **functions: Any) -> list[Finding]:
        monkeypatch.setattr(examination, "read_parts", lambda *_: parts(**functions))
        for check in CHECKS:
            monkeypatch.setattr(f"organist.doctor.{check}", answer)
        return examination.examine(account_of(), DeployedStack("ours", {}), {})

    return run


def refusing(code: str) -> Callable[..., list[Finding]]:
    def refuse(*_: Any, **__: Any) -> list[Finding]:
        raise ClientError({"Error": {"Code": code, "Message": "[words]"}}, "DescribeSubnets")

    return refuse


def test_a_check_that_may_not_ask_warns_and_the_others_go_on(
    examined: Callable[..., list[Finding]],
) -> None:
    found = examined(refusing("UnauthorizedOperation"))
    assert [one.check for one in found] == [
        *("functions", "permissions", "network", "types", "quotas", "image", "logs", "alarms"),
    ]
    assert {one.state for one in found[1:]} == {FindingState.WARNING}
    assert "could not be asked: DescribeSubnets answered UnauthorizedOperation" in found[1].message


def test_a_service_that_is_busy_is_no_fault_of_the_deployment(
    examined: Callable[..., list[Finding]],
) -> None:
    found = examined(refusing("Throttling"))
    assert {(one.state, one.advice) for one in found[1:]} == {(FindingState.WARNING, "Try again.")}


def test_a_check_that_finds_something_gone_fails(examined: Callable[..., list[Finding]]) -> None:
    found = examined(refusing("InvalidSubnetID.NotFound"))
    assert {one.state for one in found[1:]} == {FindingState.FAILED}
    assert "InvalidSubnetID.NotFound" in found[1].message


def test_expired_credentials_end_the_command(examined: Callable[..., list[Finding]]) -> None:
    with pytest.raises(ClientError):
        examined(refusing("ExpiredToken"))


@pytest.mark.parametrize("gone", ["newInstance", "startNodeRED"])
def test_without_the_functions_that_tell_the_rest_nothing_else_is_asked(
    examined: Callable[..., list[Finding]], gone: str
) -> None:
    summary, missing, *rest = examined(refusing("InternalError"), **{gone: None})
    assert (summary.state, missing.state) == (FindingState.OK, FindingState.FAILED)
    assert {one.state for one in rest} == {FindingState.NOT_ASKED}
