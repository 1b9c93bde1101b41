"""The rules of least privilege: each takes a plain template and gives what breaks it, in words."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lambdas.aws import tags
from tests.unit.template.plain import Template, resources_of
from tests.unit.template.service_actions import ALL_RESOURCES_WANTED, is_known, resource_types
from tests.unit.template.statements import Statement, all_statements

THIS_STACK = {"Ref": "AWS::StackName"}
STACKS_CLUSTER = {"Fn::GetAtt": ["Cluster", "Arn"]}
OWNED = f"aws:ResourceTag/{tags.STACK}"
TAGGED = f"aws:RequestTag/{tags.STACK}"
REMOVES = re.compile(r"(ec2|ecs):(Terminate|Stop|Deregister|Delete|Reboot)")
# Actions whose resources are not the cluster, but that happen in one.
OF_A_CLUSTER = {"ecs:ListTasks", "ecs:RunTask", "ecs:Poll", "ecs:StartTelemetrySession"}
# What a call that makes something must be held to, beside the resources.
MAKES = {
    "ecs:RunTask": (TAGGED, THIS_STACK),
    "ec2:CreateTags": ("ec2:CreateAction", "RunInstances"),
}


def _allowing(template: Template) -> Iterator[Statement]:
    return (statement for statement in all_statements(template) if statement.allows)


def _told(statement: Statement, text: str) -> str:
    return f"{statement.owner}: {', '.join(statement.actions)}: {text}"


def no_policy_of_awss(template: Template) -> Iterator[str]:
    """AWS's own policies are written for everybody: FullAccess, or read and write on every log group."""
    for name, role in resources_of(template, "AWS::IAM::Role").items():
        for arn in role.get("ManagedPolicyArns", []):
            if not (isinstance(arn, dict) and arn.get("Ref") in template["Resources"]):
                yield f"{name}: has the policy {arn}, which is not this template's"


def actions_are_named(template: Template) -> Iterator[str]:
    """Every action by its name, none by exclusion."""
    for statement in all_statements(template):
        excluding = [key for key in ("NotAction", "NotResource", "NotPrincipal") if key in statement.raw]
        if excluding:
            yield _told(statement, f"excludes by {', '.join(excluding)}")
        for action in statement.actions:
            if "*" in action or "?" in action:
                yield _told(statement, f"{action} is a pattern")
            elif not is_known(action):
                yield _told(statement, f"AWS has no action {action}")


def resources_are_named(template: Template) -> Iterator[str]:
    """``*`` only where the action supports no resources, and resources only of the types that it supports."""
    for statement in _allowing(template):
        for action in filter(is_known, statement.actions):
            for resource in statement.resources:
                if _is_everything(resource):
                    if resource_types(action) and action not in ALL_RESOURCES_WANTED:
                        yield _told(statement, f"{action} is allowed on {resource}")
                elif not resource_types(action):
                    yield _told(statement, f"{action} works on * only, not on {resource}")
                elif (kind := _type_of(resource)) and kind not in _words(resource_types(action)):
                    yield _told(statement, f"{action} has no resource of the type {kind}")


def roles_are_passed_to_one_service(template: Template) -> Iterator[str]:
    """A role is handed on by its ARN, and to the service that is meant."""
    for statement in _allowing(template):
        if "iam:PassRole" not in statement.actions:
            continue
        if not isinstance(statement.condition("iam:PassedToService"), str):
            yield _told(statement, "no iam:PassedToService")
        roles = resources_of(template, "AWS::IAM::Role")
        for resource in statement.resources:
            if not isinstance(resource, dict) or resource.get("Fn::GetAtt", [""])[0] not in roles:
                yield _told(statement, f"{resource} is not one role of this template")


def only_this_stacks_are_removed(template: Template) -> Iterator[str]:
    """Whatever ends something says by tag that it is this stack's, or works on the stack's cluster alone."""
    for statement in _allowing(template):
        removing = [action for action in statement.actions if REMOVES.match(action)]
        own = statement.resources == [STACKS_CLUSTER]
        if set(removing) - set(ALL_RESOURCES_WANTED) and not own and statement.condition(OWNED) != THIS_STACK:
            yield _told(statement, f"no condition on {OWNED}")


def what_is_made_is_this_stacks(template: Template) -> Iterator[str]:
    """Whatever makes something tags it as this stack's in the same call, and tags nothing else."""
    for statement in _allowing(template):
        for action in statement.actions:
            key, value = MAKES.get(action, ("", None))
            if key and statement.condition(key) != value:
                yield _told(statement, f"{action} is not held to {key}")
        if "ecs:TagResource" in statement.actions and statement.condition("ecs:CreateAction") != "RunTask":
            yield _told(statement, "ecs:TagResource is not held to ecs:CreateAction")


def tasks_are_the_stacks_clusters(template: Template) -> Iterator[str]:
    """What ECS authorises on more than the cluster is held to the cluster by its condition key."""
    for statement in _allowing(template):
        named = OF_A_CLUSTER & set(statement.actions)
        if named and statement.condition("ecs:cluster") != STACKS_CLUSTER:
            yield _told(statement, f"{', '.join(sorted(named))} is not held to ecs:cluster")


def machines_come_from_the_launch_template(template: Template) -> Iterator[str]:
    """RunInstances: the launch template and its security group, the VPC's subnets, tagged instances."""
    for statement in _allowing(template):
        if "ec2:RunInstances" not in statement.actions:
            continue
        kinds = {_type_of(resource) for resource in statement.resources}
        if kinds == {"launch-template"}:
            continue
        if "LaunchTemplate}" not in str(statement.condition("ec2:LaunchTemplate")):
            yield _told(statement, "no condition on ec2:LaunchTemplate")
        if kinds & {"instance", "volume", "network-interface"} and statement.condition(TAGGED) != THIS_STACK:
            yield _told(statement, f"no condition on {TAGGED}")
        if "security-group" in kinds and statement.condition("ec2:IsLaunchTemplateResource") != "true":
            yield _told(statement, "no condition on ec2:IsLaunchTemplateResource")
        if "subnet" in kinds and "vpc/${VpcId}" not in str(statement.condition("ec2:Vpc")):
            yield _told(statement, "no condition on ec2:Vpc")


def keys_are_used_through_a_service(template: Template) -> Iterator[str]:
    """KMS works on behalf of who calls EC2 or S3, and for nothing else that the caller may think of.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    for statement in _allowing(template):
        using = [action for action in statement.actions if action.startswith("kms:")]
        if using and "amazonaws.com" not in str(statement.condition("kms:ViaService")):
            yield _told(statement, "no condition on kms:ViaService")
        if "kms:CreateGrant" in using and statement.condition("kms:GrantIsForAWSResource") != "true":
            yield _told(statement, "kms:CreateGrant is not held to kms:GrantIsForAWSResource")


def roles_are_assumed_by_services(template: Template) -> Iterator[str]:
    """No role of the stack can be assumed from another account, or by a person."""
    for name, role in resources_of(template, "AWS::IAM::Role").items():
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            principal = statement.get("Principal")
            services = principal if isinstance(principal, dict) else {}
            if list(services) != ["Service"] or not str(services["Service"]).endswith(".amazonaws.com"):
                yield f"{name}: can be assumed by {principal}"


RULES: tuple[Callable[[Template], Iterator[str]], ...] = (
    no_policy_of_awss,
    actions_are_named,
    resources_are_named,
    roles_are_passed_to_one_service,
    only_this_stacks_are_removed,
    what_is_made_is_this_stacks,
    tasks_are_the_stacks_clusters,
    machines_come_from_the_launch_template,
    keys_are_used_through_a_service,
    roles_are_assumed_by_services,
)


def _is_everything(resource: Any) -> bool:
    return isinstance(resource, str) and _own_part(resource).startswith("*")


def _words(types: list[str]) -> set[str]:
    """The types as ARNs have them: the reference writes Secret, an ARN secret."""
    return {*types, *("secret" for kind in types if kind == "Secret")}


def _type_of(resource: Any) -> str:
    """The word before the name in an ARN that is written out; "" for one that CloudFormation works out."""
    if not isinstance(resource, str) or ":s3:::" in resource:
        return ""
    return re.split(r"[/:]", _own_part(resource))[0]


def _own_part(resource: str) -> str:
    # arn:partition:service:region:account:type/name; the pseudo parameters have colons of their own.
    return re.sub(r"\$\{[^}]*\}", "_", resource).split(":", 5)[-1]
