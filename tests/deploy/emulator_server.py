"""ministack, with what it lacks for this project's template and botocore.

Run as a program by the tests' fixture. What stands here is what the emulator cannot do; the deploy code knows
nothing of it.
"""

from collections.abc import Callable
from typing import Any

from ministack.app import main
from ministack.services import cloudformation, codebuild, ec2, ecr, iam, sns
from ministack.services.cloudformation import changesets, engine, provisioners, stacks

from tests.deploy import emulator_cloudfront, emulator_ec2, emulator_logs, emulator_schemas
from tests.deploy.emulator_builds import start_build
from tests.deploy.emulator_simulator import simulate

Made = tuple[str, dict[str, Any]]


def make_rule(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    """Stand for a rule of a security group: ministack moves no packets, so the rule has no effect there."""
    return f"{stack_name}-{logical_id}", {}


def remove_rule(physical_id: str, properties: dict[str, Any]) -> None:
    """Remove the rule, of which there is nothing."""


# ministack 1.4 knows the rules inside a security group, but not as resources of their own.
for kind in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
    provisioners._RESOURCE_HANDLERS.setdefault(kind, {"create": make_rule, "delete": remove_rule})

# ministack 1.4 has these in EC2, but not as resources of a stack.
Call = Callable[[dict[str, Any]], Any]


def as_resource(call: Call, kept: Any, attributes: dict[str, str]) -> Callable[[str, Any, str], Made]:
    """Make a resource by EC2's own call; ``attributes``, by what the call's record says they are."""

    def make(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
        before = set(kept)
        call({name: str(value) for name, value in properties.items() if not isinstance(value, (list, dict))})
        (made,) = set(kept) - before
        return made, {name: kept[made][of] for name, of in attributes.items()}

    return make


def forget(kept: Any) -> Callable[[str, dict[str, Any]], None]:
    """Remove a resource from EC2's own records."""

    def remove(physical_id: str, properties: dict[str, Any]) -> None:
        kept.pop(physical_id, None)

    return remove


def make_address(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    """Make an Elastic IP: its Ref is the address, its attribute the allocation."""
    allocation, record = as_resource(ec2._allocate_address, ec2._addresses, {"PublicIp": "PublicIp"})(
        logical_id, properties, stack_name
    )
    return record["PublicIp"], {"AllocationId": allocation}


def remove_address(physical_id: str, properties: dict[str, Any]) -> None:
    """Remove the Elastic IP of that address."""
    for allocation, record in list(ec2._addresses.items()):
        if record["PublicIp"] == physical_id:
            del ec2._addresses[allocation]


interface_attributes = {"PrimaryPrivateIpAddress": "PrivateIpAddress"}
for kind, call, kept, attributes in (
    ("AWS::EC2::Volume", ec2._create_volume, ec2._volumes, {}),
    (
        "AWS::EC2::NetworkInterface",
        ec2._create_network_interface,
        ec2._network_interfaces,
        interface_attributes,
    ),
):
    provisioners._RESOURCE_HANDLERS.setdefault(
        kind, {"create": as_resource(call, kept, attributes), "delete": forget(kept)}
    )
provisioners._RESOURCE_HANDLERS.setdefault(
    "AWS::EC2::EIP", {"create": make_address, "delete": remove_address}
)
provisioners._RESOURCE_HANDLERS.setdefault(
    "AWS::EC2::EIPAssociation", {"create": make_rule, "delete": remove_rule}
)

resolve_any = engine._resolve_refs


def resolve_lists_too(value: Any, *where: Any) -> Any:
    """Resolve a value; a parameter that is a list is joined by its items, not by its letters."""
    if isinstance(value, dict) and "Fn::Join" in value:
        delimiter, items = value["Fn::Join"]
        items = resolve_lists_too(items, *where)
        value = {"Fn::Join": [delimiter, items.split(",") if isinstance(items, str) else items]}
    return resolve_any(value, *where)


# ministack 1.4 keeps a List<…> parameter as its text.
engine._resolve_refs = stacks._resolve_refs = resolve_lists_too

COMPUTED = ("Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub")
evaluate_conditions = engine._evaluate_conditions


def evaluate_computed_conditions(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
    """Return what each condition of a template comes to, those that compute something first too."""

    def computed(value: Any) -> Any:
        if isinstance(value, list):
            return [computed(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() <= set(COMPUTED):
            return resolve_lists_too(value, {}, parameters, {}, {}, "", "")
        return {key: computed(item) for key, item in value.items()}

    conditions = computed(template.get("Conditions", {}))
    met: dict[str, bool] = evaluate_conditions({**template, "Conditions": conditions}, parameters)
    return met


# ministack 1.4 compares the function itself, which is never equal to anything.
for module in (engine, stacks, changesets):
    if hasattr(module, "_evaluate_conditions"):
        module._evaluate_conditions = evaluate_computed_conditions

write_answer = changesets._xml


def write_whole_answer(status: int, root_tag: str, inner: str) -> Any:
    """Write an answer of CloudFormation as AWS does: DeleteChangeSet's has an empty result in it."""
    if root_tag == "DeleteChangeSetResponse":
        inner = "<DeleteChangeSetResult></DeleteChangeSetResult>"
    return write_answer(status, root_tag, inner)


# Without the result botocore cannot read the answer.
changesets._xml = write_whole_answer

delete_resource = stacks._delete_resource


def delete_what_does_not_stay(
    kind: str, physical_id: str, properties: dict[str, Any], stack_name: str, logical_id: str
) -> None:
    """Delete a resource of a stack that goes, unless its DeletionPolicy says that it stays."""
    resources = cloudformation._stacks.get(stack_name, {}).get("_template", {}).get("Resources", {})
    if not resources.get(logical_id, {}).get("DeletionPolicy", "Delete").startswith("Retain"):
        delete_resource(kind, physical_id, properties, stack_name, logical_id)


# ministack 1.4 knows no DeletionPolicy.
stacks._delete_resource = delete_what_does_not_stay

handlers = provisioners._RESOURCE_HANDLERS["AWS::ECR::Repository"]
make_bare_repository = handlers["create"]


def make_repository(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    """Make a repository with room for images, as ECR's own CreateRepository does."""
    name, attributes = make_bare_repository(logical_id, properties, stack_name)
    ecr._images[name] = []
    return name, attributes


# Without the room, nothing can be pushed to a repository that CloudFormation made.
handlers["create"] = make_repository

write_profile = iam._instance_profile_xml


def write_profile_of_a_stack(name: str) -> Any:
    """Write an instance profile; CloudFormation's are kept with whole roles, where names are expected."""
    profile = iam._instance_profiles[name]
    profile["Roles"] = [role["RoleName"] if isinstance(role, dict) else role for role in profile["Roles"]]
    return write_profile(name)


# Without the names an account that has such a profile cannot be listed.
iam._instance_profile_xml = write_profile_of_a_stack

codebuild._start_build = start_build
subscriptions = provisioners._RESOURCE_HANDLERS["AWS::SNS::Subscription"]
make_confirmed_subscription = subscriptions["create"]


def make_subscription(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    """Subscribe; a mail address waits until its owner confirms, and has no ARN before."""
    made: Made = make_confirmed_subscription(logical_id, properties, stack_name)
    for subscription in sns._topics[properties["TopicArn"]]["subscriptions"]:
        if subscription["arn"] == made[0] and subscription["protocol"] == "email":
            subscription["arn"] = "PendingConfirmation"
    return made


# https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
subscriptions["create"] = make_subscription
projects = provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"]


def update_project(
    physical_id: str, old: dict[str, Any], properties: dict[str, Any], stack_name: str
) -> Made:
    """Change a project in its place; ministack only makes them, and a second one of the name is refused."""
    projects["delete"](physical_id, old)
    made: Made = projects["create"]("", properties, stack_name)
    return made


projects.setdefault("update", update_project)

make_service_role = iam._create_service_linked_role


def make_service_role_once(request: dict[str, Any]) -> Any:
    """Make a service-linked role, in IAM's words if the account has it."""
    answer = make_service_role(request)
    if answer[0] != CONFLICT:
        return answer
    message = (
        "Service role name AWSServiceRoleForECS has been taken in this account, please try another suffix."
    )
    return iam._error(400, "InvalidInput", message, ns="iam")


CONFLICT = 409
iam._IAM_HANDLERS["CreateServiceLinkedRole"] = make_service_role_once

iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate

emulator_ec2.install()
emulator_logs.install()
emulator_schemas.install()
emulator_cloudfront.install()

if __name__ == "__main__":
    main()
