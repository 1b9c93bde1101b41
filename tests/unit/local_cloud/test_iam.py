"""The policy evaluator against AWS's documented examples, and against what it must not guess."""

import json
from typing import Any

import pytest

from local_cloud.iam.conditions import arn_matches, holds
from local_cloud.iam.errors import UnknownToIamError
from local_cloud.iam.policy import Decision, Request, evaluate
from local_cloud.iam.reference import ACTIONS, check_statement
from tests.unit.template.plain import plain_template
from tests.unit.template.service_actions import ALL_RESOURCES_WANTED, is_known, resource_types
from tests.unit.template.statements import Statement, all_statements

CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/ours"
IN_CLUSTER = {"ecs:cluster": [CLUSTER]}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
def test_without_a_statement_nothing_is_allowed_and_one_denial_beats_every_allowance() -> None:
    request = Request("ecs:RunTask", "arn:aws:ecs:eu-west-1:123456789012:task-definition/a:1")
    assert evaluate([], request) is Decision.IMPLICIT_DENY
    assert evaluate([policy(allow("ecs:StopTask"))], request) is Decision.IMPLICIT_DENY
    assert evaluate([policy(allow("ecs:*"))], request) is Decision.ALLOWED
    assert evaluate([policy(allow("*")), policy(deny("ecs:RunTask"))], request) is Decision.EXPLICIT_DENY


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
@pytest.mark.parametrize(
    ("action", "decision"),
    [
        ("ECS:runtask", Decision.ALLOWED),
        ("ecs:Run?ask", Decision.ALLOWED),
        ("ecs:*Task", Decision.ALLOWED),
        ("ecs:Run", Decision.IMPLICIT_DENY),
    ],
)
def test_actions_are_compared_whatever_their_case_and_whole(action: str, decision: Decision) -> None:
    if action == "ecs:Run":
        with pytest.raises(UnknownToIamError, match="ecs:Run"):
            evaluate([policy(allow(action))], Request("ecs:RunTask", "*"))
    else:
        assert evaluate([policy(allow(action))], Request("ecs:RunTask", "*")) is decision


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
def test_not_action_and_not_resource_mean_everything_else() -> None:
    everything_but = {"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}
    assert evaluate([policy(everything_but)], Request("ecs:RunTask", "*")) is Decision.ALLOWED
    assert evaluate([policy(everything_but)], Request("s3:GetObject", "*")) is Decision.IMPLICIT_DENY
    elsewhere = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::ours/*"}
    policies = [policy(allow("s3:*"), elsewhere)]
    assert evaluate(policies, Request("s3:GetObject", "arn:aws:s3:::ours/a")) is Decision.ALLOWED
    assert evaluate(policies, Request("s3:GetObject", "arn:aws:s3:::theirs/a")) is Decision.EXPLICIT_DENY


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
def test_resources_are_compared_with_their_case_and_wildcards() -> None:
    statement = allow("s3:GetObject", "arn:aws:s3:::bucket/*/test/?")
    for resource, allowed in (
        ("arn:aws:s3:::bucket/1/test/a", True),
        ("arn:aws:s3:::bucket/1/2/test/a", True),
        ("arn:aws:s3:::bucket/1/test/ab", False),
        ("arn:aws:s3:::Bucket/1/test/a", False),
    ):
        decision = evaluate([policy(statement)], Request("s3:GetObject", resource))
        assert (decision is Decision.ALLOWED) == allowed, resource


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
@pytest.mark.parametrize(
    ("operator", "wanted", "given", "result"),
    [
        ("StringEquals", ["a", "b"], ["b"], True),
        ("StringEquals", ["a"], ["A"], False),
        ("StringEquals", ["a"], None, False),
        ("StringEqualsIfExists", ["a"], None, True),
        ("StringEqualsIfExists", ["a"], ["b"], False),
        ("StringNotEquals", ["a"], ["b"], True),
        ("StringNotEquals", ["a", "b"], ["b"], False),
        # "If the key is not present, the negated operators return true."
        ("StringNotEquals", ["a"], None, True),
        ("StringEqualsIgnoreCase", ["a"], ["A"], True),
        ("StringLike", ["Dev*"], ["Development"], True),
        ("StringLike", ["Dev*"], ["development"], False),
        ("StringNotLike", ["Dev*"], ["Production"], True),
        ("Bool", ["true"], ["True"], True),
        ("Bool", ["true"], None, False),
        ("NumericLessThanEquals", ["10"], ["10"], True),
        ("NumericLessThan", ["10"], ["10"], False),
        ("Null", ["true"], None, True),
        ("Null", ["true"], ["x"], False),
        ("Null", ["false"], ["x"], True),
        ("ArnEquals", ["arn:aws:ecs:*:*:cluster/ours"], [CLUSTER], True),
        ("ArnNotLike", ["arn:aws:ecs:*:*:cluster/*"], [CLUSTER], False),
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAnyValue:StringEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["a"], None, False),
    ],
)
def test_conditions_hold_as_the_user_guide_says(
    operator: str, wanted: list[str], given: list[str] | None, result: bool
) -> None:
    assert holds(operator, wanted, given) == result


def test_arns_are_compared_part_by_part() -> None:
    assert arn_matches("arn:aws:sns:*:123456789012:*", "arn:aws:sns:eu-west-1:123456789012:topic")
    assert not arn_matches("arn:aws:*:123456789012:topic", "arn:aws:sns:eu-west-1:123456789012:topic")
    assert not arn_matches("*", CLUSTER)


def test_every_condition_of_a_statement_has_to_hold_and_keys_have_no_case() -> None:
    condition = {
        "StringEquals": {"aws:RequestTag/organist:stack": "organist"},
        "ArnEquals": {"ECS:Cluster": CLUSTER},
    }
    with pytest.raises(UnknownToIamError):  # a key of another spelling is most often a mistake
        evaluate([policy(allow("ecs:RunTask", Condition=condition))], Request("ecs:RunTask", "*"))
    condition = {**condition, "ArnEquals": {"ecs:cluster": CLUSTER}}
    policies = [policy(allow("ecs:RunTask", Condition=condition))]
    tagged = {"aws:requesttag/organist:stack": ["organist"]}
    assert evaluate(policies, Request("ecs:RunTask", "*", {**tagged, **IN_CLUSTER})) is Decision.ALLOWED
    assert evaluate(policies, Request("ecs:RunTask", "*", tagged)) is Decision.IMPLICIT_DENY
    assert evaluate(policies, Request("ecs:RunTask", "*", IN_CLUSTER)) is Decision.IMPLICIT_DENY


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
def test_a_policy_variable_is_the_requests_value() -> None:
    tag = {"StringEquals": {"aws:ResourceTag/owner": "${aws:PrincipalTag/owner}"}}
    policies = [policy(allow("ecs:StopTask", Condition=tag))]
    both = {"aws:ResourceTag/owner": ["a"], "aws:PrincipalTag/owner": ["a"]}
    assert evaluate(policies, Request("ecs:StopTask", "*", both)) is Decision.ALLOWED
    with pytest.raises(UnknownToIamError, match="variable"):
        evaluate(policies, Request("ecs:StopTask", "*", {"aws:ResourceTag/owner": ["a"]}))


@pytest.mark.parametrize(
    "statement",
    [
        allow("ecs:ListTsks"),
        allow("ecs:ListTasks", "container-instance/*"),
        allow("ecs:ListTasks", Condition={"ArnEquals": {"ecs:clustr": CLUSTER}}),
        allow("ecs:ListTasks", Condition={"ArnIs": {"ecs:cluster": CLUSTER}}),
        allow("ecs:ListTasks", Condition={"ForSome:ArnLike": {"ecs:cluster": CLUSTER}}),
        allow("ecs:ListTasks", Principal="*"),
    ],
)
def test_what_is_not_known_is_an_error(statement: dict[str, Any]) -> None:
    with pytest.raises(UnknownToIamError):
        evaluate([policy(statement, allow("ecs:ListTasks"))], Request("ecs:ListTasks", "*", IN_CLUSTER))


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_checked_of_an_action_is_in_the_reference_or_an_exception_with_its_source(name: str) -> None:
    assert is_known(name)
    assert ACTIONS[name].source.startswith("https://")
    named = {kind for kind in ACTIONS[name].resources if kind != "*"}
    known = set(resource_types(name))
    assert named <= known | {"log-group"}
    if "*" in ACTIONS[name].resources and known:
        assert name in ALL_RESOURCES_WANTED


@pytest.mark.parametrize("statement", list(all_statements(plain_template())), ids=lambda one: one.owner)
def test_the_templates_statements_name_only_what_is_known(statement: Statement) -> None:
    resources = [one if isinstance(one, str) else "arn:worked:out" for one in statement.resources]
    check_statement({**statement.raw, "Resource": resources or "*"})
