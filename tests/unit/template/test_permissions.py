"""Least privilege: the rules hold for the template, and each refuses a template that breaks it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.unit.template import permission_rules as rules
from tests.unit.template.plain import Template, plain_template
from tests.unit.template.service_actions import ALL_RESOURCES_WANTED
from tests.unit.template.statements import all_statements

STACK = {"Ref": "AWS::StackName"}
CLUSTERS = {"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/*"}
INSTANCES = {"Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*"}
SUBNETS = {"Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:subnet/*"}
GROUPS = {"Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group/*"}
TRUST: dict[str, Any] = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
}
LAUNCH_TEMPLATE = {"ec2:LaunchTemplate": {"Fn::Sub": "arn:aws:ec2:::launch-template/${LaunchTemplate}"}}


def template_with(statement: dict[str, Any] | None = None, **role: Any) -> Template:
    """A template with one role, which has the statement."""
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": TRUST, **role}
    if statement is not None:
        allowing = {"Effect": "Allow", **statement}
        properties["Policies"] = [{"PolicyName": "p", "PolicyDocument": {"Statement": [allowing]}}]
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def tagged(key: str) -> dict[str, Any]:
    return {"StringEquals": {key: STACK}}


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_template_keeps_the_rule(rule: Callable[[Template], Iterator[str]]) -> None:
    assert list(rule(plain_template())) == []


@pytest.mark.parametrize("name", ["AdministratorAccess", "AmazonEC2FullAccess", "service-role/AnyRole"])
def test_a_policy_of_awss_is_refused(name: str) -> None:
    broken = template_with(ManagedPolicyArns=[f"arn:aws:iam::aws:policy/{name}"])
    assert list(rules.no_policy_of_awss(broken))
    partition = template_with(
        ManagedPolicyArns=[{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"}]
    )
    assert list(rules.no_policy_of_awss(partition))


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "*", "Resource": "*"},
        {"Action": ["ecs:RunTask", "ec2:*"], "Resource": "*"},
        {"Action": "ec2:Describe*", "Resource": "*"},
        {"Action": "ecs:RunTaks", "Resource": "*"},
        {"NotAction": "iam:*", "Resource": "*"},
        {"Action": "ec2:DescribeInstances", "NotResource": "*"},
    ],
)
def test_actions_that_are_not_named_are_refused(statement: dict[str, Any]) -> None:
    assert list(rules.actions_are_named(template_with(statement)))


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "ec2:TerminateInstances", "Resource": "*"},
        {"Action": ["ec2:DescribeInstances", "ssm:GetParameter"], "Resource": "*"},
        {"Action": "lambda:InvokeFunction", "Resource": ["arn:aws:lambda:eu-west-1:1:function:a", "*"]},
        {"Action": "ecs:StopTask", "Resource": {"Fn::Sub": "arn:aws:ecs:${AWS::Region}:1:*/*"}},
        {"Action": "ecs:StopTask", "Resource": CLUSTERS},
        {"Action": "ec2:DescribeInstances", "Resource": INSTANCES},
    ],
)
def test_resources_that_are_too_wide_or_of_another_type_are_refused(statement: dict[str, Any]) -> None:
    assert list(rules.resources_are_named(template_with(statement)))


@pytest.mark.parametrize(
    "statement",
    [
        {"Resource": {"Fn::GetAtt": ["Role", "Arn"]}},
        {"Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}},
        {
            "Resource": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/*"},
            "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        },
    ],
)
def test_a_role_that_is_passed_to_anybody_or_any_role_is_refused(statement: dict[str, Any]) -> None:
    broken = template_with({"Action": "iam:PassRole", **statement})
    assert list(rules.roles_are_passed_to_one_service(broken))


@pytest.mark.parametrize(
    "action",
    [
        "ec2:TerminateInstances",
        "ec2:StopInstances",
        "ec2:DeleteTags",
        "ecs:StopTask",
        "ecs:DeregisterContainerInstance",
        "ecs:DeleteCluster",
    ],
)
@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {"aws:ResourceTag/organist:stack": "another"}},
        {"StringEquals": {"aws:ResourceTag/Name": STACK}},
        tagged("aws:RequestTag/organist:stack"),
    ],
)
def test_removing_without_the_stacks_tag_is_refused(action: str, condition: dict[str, Any]) -> None:
    broken = template_with({"Action": ["ec2:DescribeInstances", action], "Condition": condition})
    assert list(rules.only_this_stacks_are_removed(broken))


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "ecs:RunTask", "Condition": tagged("aws:ResourceTag/organist:stack")},
        {"Action": "ec2:CreateTags", "Resource": INSTANCES},
        {"Action": "ec2:CreateTags", "Condition": {"StringEquals": {"ec2:CreateAction": "CreateVolume"}}},
        {"Action": "ecs:TagResource", "Resource": CLUSTERS},
    ],
)
def test_making_without_the_stacks_tag_is_refused(statement: dict[str, Any]) -> None:
    assert list(rules.what_is_made_is_this_stacks(template_with(statement)))


@pytest.mark.parametrize(
    "statement",
    [
        {"Resource": INSTANCES, "Condition": {"ArnLike": LAUNCH_TEMPLATE}},
        {"Resource": INSTANCES, "Condition": tagged("aws:RequestTag/organist:stack")},
        {"Resource": SUBNETS, "Condition": {"ArnLike": LAUNCH_TEMPLATE}},
        {"Resource": SUBNETS, "Condition": {"ArnLike": LAUNCH_TEMPLATE, "ArnEquals": {"ec2:Vpc": "*"}}},
        {"Resource": GROUPS, "Condition": {"ArnLike": LAUNCH_TEMPLATE}},
        {"Resource": SUBNETS, "Condition": {"Bool": {"ec2:IsLaunchTemplateResource": "true"}}},
    ],
)
def test_machines_that_come_from_elsewhere_are_refused(statement: dict[str, Any]) -> None:
    broken = template_with({"Action": "ec2:RunInstances", **statement})
    assert list(rules.machines_come_from_the_launch_template(broken))


@pytest.mark.parametrize("action", ["ecs:ListTasks", "ecs:RunTask", "ecs:Poll", "ecs:StartTelemetrySession"])
@pytest.mark.parametrize("condition", [{}, {"ArnLike": {"ecs:cluster": CLUSTERS}}])
def test_what_reaches_other_clusters_is_refused(action: str, condition: dict[str, Any]) -> None:
    broken = template_with({"Action": action, "Resource": "*", "Condition": condition})
    assert list(rules.tasks_are_the_stacks_clusters(broken))


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "kms:Decrypt"},
        {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Condition": tagged("aws:ResourceTag/a")},
        {"Action": "kms:CreateGrant", "Condition": {"StringEquals": {"kms:ViaService": "ec2.amazonaws.com"}}},
    ],
)
def test_a_key_that_may_be_used_without_a_service_is_refused(statement: dict[str, Any]) -> None:
    broken = template_with({"Resource": {"Ref": "VolumeKeyArn"}, **statement})
    assert list(rules.keys_are_used_through_a_service(broken))


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": "arn:aws:iam::1:root"}, {"Service": "*"}])
def test_a_role_that_others_can_assume_is_refused(principal: Any) -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    broken = template_with(AssumeRolePolicyDocument=trust)
    assert list(rules.roles_are_assumed_by_services(broken))


def test_containers_read_the_secrets_under_their_stacks_own_name_and_no_others() -> None:
    role = plain_template()["Resources"]["TaskRole"]["Properties"]
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "secretsmanager:GetSecretValue"
    assert statement["Resource"]["Fn::Sub"].endswith(":secret:organist/${AWS::StackName}/*")


def test_every_exception_is_used_and_names_its_source() -> None:
    used = {action for statement in all_statements(plain_template()) for action in statement.actions}
    assert set(ALL_RESOURCES_WANTED) <= used
    assert all(page.startswith("https://") for page in ALL_RESOURCES_WANTED.values())
