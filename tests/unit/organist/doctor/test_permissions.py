"""What is asked of AWS's policy simulator, and what is told of its answers."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from organist.doctor import permissions
from organist.doctor.checked_calls import MACHINE, STATE_MACHINE, CheckedCall, filled, read_calls, write_calls
from organist.doctor.findings import Finding, FindingState
from tests.unit.organist.conftest import account_of
from tests.unit.organist.doctor.parts import ROLE, parts

Stubs = Callable[[str], tuple[Any, Stubber]]

CLUSTER = "arn:aws:ecs:${Region}:${Account}:cluster/${Cluster}"
OURS = "arn:aws:ecs:eu-west-1:123456789012:cluster/ours-Cluster"
IN_CLUSTER = (("ecs:cluster", (CLUSTER,)),)
VALUES = {
    "Region": ["eu-west-1"],
    "Account": ["123456789012"],
    "Cluster": ["ours-Cluster"],
    "NamePrefix": ["test-"],
    "Subnet": ["subnet-a", "subnet-b"],
    "InstanceRole": [f"{ROLE}ours-InstanceRole"],
}


@pytest.fixture(autouse=True)
def _values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "read_placeholders", lambda *_: VALUES)


@pytest.fixture
def check(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Finding]]:
    """Check calls against the answers that the simulator gives, each with what it must be asked."""

    def run(calls: list[CheckedCall], *answers: Any) -> list[Finding]:
        monkeypatch.setattr(permissions, "read_calls", lambda: calls)
        iam, stubber = stubs("iam")
        for answer in answers:
            if isinstance(answer, str):
                stubber.add_client_error("simulate_principal_policy", answer, "not you")
            else:
                results, asked = answer
                message = {"EvaluationResults": results, "IsTruncated": False}
                stubber.add_response("simulate_principal_policy", message, asked)
        return permissions.check_permissions(account_of(iam=iam), parts())

    return run


def result(action: str, decision: str = "allowed", **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalDecision": decision, **more}


def asked(subject: str, resource: str, *actions: str, context: Any = ()) -> dict[str, Any]:
    return {
        "PolicySourceArn": f"{ROLE}ours-{subject}",
        "ActionNames": list(actions),
        "ResourceArns": [resource],
        "ContextEntries": list(context),
    }


DESCRIBE_SUBNETS = CheckedCall("validateInput", "ec2:DescribeSubnets", "*")


def test_actions_on_one_resource_with_the_same_keys_are_one_question(check: Any) -> None:
    calls = [
        CheckedCall("newInstance", "ecs:Poll", CLUSTER, IN_CLUSTER),
        CheckedCall("newInstance", "ecs:StopTask", CLUSTER, IN_CLUSTER),
        CheckedCall("newInstance", "ecs:StopTask", CLUSTER),
    ]
    entry = {"ContextKeyName": "ecs:cluster", "ContextKeyValues": [OURS], "ContextKeyType": "string"}
    found = check(
        calls,
        (
            [result("ecs:Poll"), result("ecs:StopTask")],
            asked("newInstance", OURS, "ecs:Poll", "ecs:StopTask", context=[entry]),
        ),
        ([result("ecs:StopTask")], asked("newInstance", OURS, "ecs:StopTask")),
    )
    assert found == [
        Finding("permissions", "newInstance", FindingState.OK, "may do what productions need of it (3 asked)")
    ]


def test_keys_have_the_types_that_aws_gives_them(check: Any) -> None:
    keys = (
        ("aws:RequestTag/organist:stack", ("ours",)),
        ("aws:TagKeys", ("Name", "organist:stack")),
        ("ec2:IsLaunchTemplateResource", ("true",)),
    )
    entries = [
        {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": kind}
        for (key, values), kind in zip(keys, ("string", "stringList", "boolean"), strict=True)
    ]
    call = CheckedCall("newInstance", "ec2:RunInstances", "*", keys)
    check(
        [call],
        ([result("ec2:RunInstances")], asked("newInstance", "*", "ec2:RunInstances", context=entries)),
    )


def test_the_machines_and_the_state_machine_have_their_own_roles(check: Any) -> None:
    calls = [CheckedCall(MACHINE, "ecs:Poll", CLUSTER), CheckedCall(STATE_MACHINE, "ecs:Poll", CLUSTER)]
    found = check(
        calls,
        ([result("ecs:Poll")], asked("InstanceRole", OURS, "ecs:Poll")),
        ([result("ecs:Poll")], asked("DynamicNTSRole", OURS, "ecs:Poll")),
    )
    assert [one.what for one in found] == [MACHINE, STATE_MACHINE]


@pytest.mark.parametrize(
    ("decision", "words"),
    [("implicitDeny", "nothing allows it"), ("explicitDeny", "a statement denies it")],
)
def test_a_refusal_names_the_function_the_action_the_resource_and_the_role(
    check: Any, decision: str, words: str
) -> None:
    calls = [CheckedCall("newInstance", "ecs:Poll", CLUSTER)]
    (found,) = check(calls, ([result("ecs:Poll", decision)], asked("newInstance", OURS, "ecs:Poll")))
    assert found.state is FindingState.FAILED
    assert found.what == "newInstance: ecs:Poll"
    assert found.message == f"on {OURS}: {words} in the role ours-newInstance"
    assert "template.yaml" in found.advice


def test_an_organisations_denial_is_a_warning_for_the_simulator_errs_there(check: Any) -> None:
    """A condition in an SCP misleads it: aws/aws-sdk 102, aws/aws-toolkit-vscode 3106."""
    message = result(
        "ec2:DescribeSubnets", "implicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False}
    )
    (found,) = check([DESCRIBE_SUBNETS], ([message], asked("validateInput", "*", "ec2:DescribeSubnets")))
    assert found.state is FindingState.WARNING
    assert "SCP" in found.message
    assert "AwsAccessDenied" in found.advice


def test_a_permissions_boundary_is_named(check: Any) -> None:
    detail = {"AllowedByPermissionsBoundary": False}
    message = result("ec2:DescribeSubnets", "implicitDeny", PermissionsBoundaryDecisionDetail=detail)
    (found,) = check([DESCRIBE_SUBNETS], ([message], asked("validateInput", "*", "ec2:DescribeSubnets")))
    assert found.state is FindingState.FAILED
    assert "permissions boundary of the role ours-validateInput" in found.message


def test_who_may_not_ask_is_told_once_and_not_failed(check: Any) -> None:
    calls = [DESCRIBE_SUBNETS, CheckedCall("newInstance", "ecs:Poll", CLUSTER)]
    (found,) = check(calls, "AccessDenied")
    assert found.state is FindingState.WARNING
    assert "iam:SimulatePrincipalPolicy" in found.message


def test_expired_credentials_are_not_taken_for_a_missing_permission(check: Any) -> None:
    with pytest.raises(ClientError, match="ExpiredToken"):
        check([DESCRIBE_SUBNETS], "ExpiredToken")


def test_a_role_that_is_gone_is_named(check: Any) -> None:
    (found,) = check([DESCRIBE_SUBNETS], "NoSuchEntity")
    assert found.state is FindingState.FAILED
    assert "its role ours-validateInput is not there" in found.message


def test_machines_without_a_role_are_told(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "read_placeholders", lambda *_: VALUES | {"InstanceRole": []})
    (found,) = check([CheckedCall(MACHINE, "ecs:Poll", CLUSTER)])
    assert found.state is FindingState.FAILED
    assert "no role" in found.message


def test_a_placeholder_of_several_values_is_a_question_each() -> None:
    call = CheckedCall("newInstance", "ec2:RunInstances", "subnet/${Subnet}", (("ec2:Vpc", ("${Cluster}",)),))
    assert [(one.resource, one.context) for one in filled(call, VALUES)] == [
        ("subnet/subnet-a", (("ec2:Vpc", ("ours-Cluster",)),)),
        ("subnet/subnet-b", (("ec2:Vpc", ("ours-Cluster",)),)),
    ]


def test_calls_are_read_as_they_were_written(tmp_path: Any) -> None:
    calls = read_calls()
    write_calls(reversed(calls), tmp_path / "calls.json")
    assert read_calls(tmp_path / "calls.json") == calls
    assert {call.subject for call in calls} >= {MACHINE, STATE_MACHINE, "newInstance", "reapInstances"}
