"""How each type of resource is made in the local account."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local_cloud.provisioning.function_events import connect
from local_cloud.provisioning.provisioner import Provisioner
from local_cloud.provisioning.secret_values import generate
from local_cloud.provisioning.task_definitions import definition
from local_cloud.settings import ACCOUNT

Properties = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What ``Ref`` and ``GetAtt`` give for a resource."""

    reference: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ResourceHandler:
    """How a type of resource is made, and what is read of its properties; the others mean nothing here."""

    make: Callable[[Provisioner, str, Properties], Made]
    reads: frozenset[str]


def _secret(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    client = provisioner.client("secretsmanager")
    value = properties.get("SecretString")
    if value is None:
        rules = properties.get("GenerateSecretString") or {}
        value = generate(rules, lambda **wanted: str(client.get_random_password(**wanted)["RandomPassword"]))
    made = client.create_secret(
        Name=properties.get("Name") or f"{provisioner.stack_name}-{name}", SecretString=value
    )
    return Made(made["ARN"], {"Id": made["ARN"]})


def _log_group(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    group = properties.get("LogGroupName") or f"{provisioner.stack_name}-{name}"
    provisioner.client("logs").create_log_group(logGroupName=group)
    return Made(group, {"Arn": f"arn:aws:logs:{provisioner.region}:{ACCOUNT}:log-group:{group}:*"})


def _security_group(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    group = provisioner.client("ec2").create_security_group(
        GroupName=properties.get("GroupName") or f"{provisioner.stack_name}-{name}",
        Description=properties["GroupDescription"],
        VpcId=properties["VpcId"],
    )["GroupId"]
    for rule in properties.get("SecurityGroupIngress") or []:
        _allow(provisioner, group, rule)
    return Made(group, {"GroupId": group, "VpcId": properties["VpcId"]})


def _ingress(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    _allow(provisioner, properties["GroupId"], properties)
    return Made(name)


def _allow(provisioner: Provisioner, group: str, rule: Properties) -> None:
    permission: Properties = {"IpProtocol": rule["IpProtocol"]}
    for bound in ("FromPort", "ToPort"):
        if bound in rule:
            permission[bound] = int(rule[bound])
    if "SourceSecurityGroupId" in rule:
        permission["UserIdGroupPairs"] = [{"GroupId": rule["SourceSecurityGroupId"]}]
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"]}]
    provisioner.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def _role(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    iam, role_name = (
        provisioner.client("iam"),
        properties.get("RoleName") or f"{provisioner.stack_name}-{name}",
    )
    role = iam.create_role(
        RoleName=role_name, AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"])
    )["Role"]
    for policy in properties.get("Policies") or []:
        _put_policy(provisioner, role_name, policy)
    for arn in properties.get("ManagedPolicyArns") or []:
        iam.attach_role_policy(RoleName=role_name, PolicyArn=arn)
    return Made(role_name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _policy(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    for role in properties["Roles"]:
        _put_policy(provisioner, role, properties)
    return Made(name)


def _managed_policy(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    policy = provisioner.client("iam").create_policy(
        PolicyName=f"{provisioner.stack_name}-{name}", PolicyDocument=json.dumps(properties["PolicyDocument"])
    )["Policy"]
    return Made(policy["Arn"])


def _put_policy(provisioner: Provisioner, role: str, policy: Properties) -> None:
    document = json.dumps(policy["PolicyDocument"])
    provisioner.client("iam").put_role_policy(
        RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document
    )


def _named_only(service: str, separator: str) -> Callable[[Provisioner, str, Properties], Made]:
    """Return the maker of a kind that nothing here uses: only its ARN stands in policies."""

    def make(provisioner: Provisioner, name: str, _properties: Properties) -> Made:
        own = f"{provisioner.stack_name}-{name}"
        return Made(own, {"Arn": f"arn:aws:{service}:{provisioner.region}:{ACCOUNT}:{separator}{own}"})

    return make


def _repository(provisioner: Provisioner, name: str, _properties: Properties) -> Made:
    own, region = f"{provisioner.stack_name}-{name}", provisioner.region
    return Made(
        own,
        {
            "Arn": f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{own}",
            # As the task definitions' files name the image that is built here.
            "RepositoryUri": f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/organist/node-red",
        },
    )


def _instance_profile(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    profile_name = properties.get("InstanceProfileName") or f"{provisioner.stack_name}-{name}"
    iam = provisioner.client("iam")
    profile = iam.create_instance_profile(InstanceProfileName=profile_name)["InstanceProfile"]
    for role in properties["Roles"]:
        iam.add_role_to_instance_profile(InstanceProfileName=profile_name, RoleName=role)
    return Made(profile_name, {"Arn": profile["Arn"]})


def _launch_template(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    made = provisioner.client("ec2").create_launch_template(
        LaunchTemplateName=properties.get("LaunchTemplateName") or f"{provisioner.stack_name}-{name}",
        LaunchTemplateData=properties["LaunchTemplateData"],
    )["LaunchTemplate"]
    versions = {name: str(made[name]) for name in ("LatestVersionNumber", "DefaultVersionNumber")}
    return Made(made["LaunchTemplateId"], {"LaunchTemplateId": made["LaunchTemplateId"], **versions})


def _cluster(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    cluster = provisioner.client("ecs").create_cluster(
        clusterName=properties.get("ClusterName") or f"{provisioner.stack_name}-{name}",
        tags=[{"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags") or []],
    )["cluster"]
    return Made(cluster["clusterName"], {"Arn": cluster["clusterArn"]})


def _task_definition(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    made = provisioner.client("ecs").register_task_definition(
        **definition(provisioner.repository, name, properties)
    )
    return Made(made["taskDefinition"]["taskDefinitionArn"])


def _function(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    function_name = properties.get("FunctionName") or f"{provisioner.stack_name}-{name}"
    variables = provisioner.local_variables((properties.get("Environment") or {}).get("Variables") or {})
    made = provisioner.client("lambda").create_function(
        FunctionName=function_name,
        Runtime=properties["Runtime"],
        Role=properties.get("Role") or provisioner.service_role,
        Handler=properties["Handler"],
        Timeout=int(properties.get("Timeout") or 3),
        MemorySize=int(properties.get("MemorySize") or 128),
        Environment={"Variables": variables},
        VpcConfig={"SubnetIds": [], "SecurityGroupIds": [], **(properties.get("VpcConfig") or {})},
        LoggingConfig=_logging_config(properties),
        Code={"ZipFile": _no_code()},
    )
    connect(provisioner.bus, function_name, properties.get("Events") or {})
    return Made(function_name, {"Arn": made["FunctionArn"]})


def _logging_config(properties: Properties) -> Properties:
    group = (properties.get("LoggingConfig") or {}).get("LogGroup")
    return {"LogGroup": group} if group else {}


def _state_machine(provisioner: Provisioner, name: str, properties: Properties) -> Made:
    if "DefinitionUri" in properties:
        definition = (provisioner.repository / properties["DefinitionUri"]).read_text()
    else:
        definition = json.dumps(properties["Definition"])
    for variable, value in (properties.get("DefinitionSubstitutions") or {}).items():
        definition = definition.replace("${" + variable + "}", str(value))
    machine_name = properties.get("Name") or f"{provisioner.stack_name}-{name}"
    arn = provisioner.client("stepfunctions").create_state_machine(
        name=machine_name, definition=definition, roleArn=properties.get("Role") or provisioner.service_role
    )["stateMachineArn"]
    return Made(arn, {"Arn": arn, "Name": machine_name})


def _no_code() -> bytes:
    # The functions' code is the repository's own; the service only wants to be given something.
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("README", "The local cloud runs the handlers from the repository.\n")
    return archive.getvalue()


RESOURCE_HANDLERS: dict[str, ResourceHandler] = {
    kind: ResourceHandler(make, frozenset(reads))
    for kind, make, reads in (
        ("AWS::SecretsManager::Secret", _secret, {"Name", "SecretString", "GenerateSecretString"}),
        ("AWS::Logs::LogGroup", _log_group, {"LogGroupName"}),
        (
            "AWS::EC2::SecurityGroup",
            _security_group,
            {"GroupName", "GroupDescription", "VpcId", "SecurityGroupIngress"},
        ),
        (
            "AWS::EC2::SecurityGroupIngress",
            _ingress,
            {"GroupId", "SourceSecurityGroupId", "CidrIp", "IpProtocol", "FromPort", "ToPort"},
        ),
        (
            "AWS::IAM::Role",
            _role,
            {"RoleName", "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns"},
        ),
        ("AWS::IAM::Policy", _policy, {"PolicyName", "PolicyDocument", "Roles"}),
        ("AWS::IAM::ManagedPolicy", _managed_policy, {"PolicyDocument"}),
        ("AWS::SQS::Queue", _named_only("sqs", ""), ()),
        ("AWS::ECR::Repository", _repository, ()),
        ("AWS::IAM::InstanceProfile", _instance_profile, {"InstanceProfileName", "Roles"}),
        ("AWS::EC2::LaunchTemplate", _launch_template, {"LaunchTemplateName", "LaunchTemplateData"}),
        ("AWS::ECS::Cluster", _cluster, {"ClusterName", "Tags"}),
        ("AWS::ECS::TaskDefinition", _task_definition, ()),  # see task_definitions.what_is_read
        (
            "AWS::Serverless::Function",
            _function,
            {
                *("FunctionName", "Runtime", "Handler", "Timeout", "MemorySize", "Environment"),
                *("Events", "VpcConfig", "LoggingConfig", "Role"),
            },
        ),
        (
            "AWS::Serverless::StateMachine",
            _state_machine,
            {"Name", "Definition", "DefinitionUri", "DefinitionSubstitutions", "Role"},
        ),
    )
}
"""Other types are not made; a reference to one fails by name."""
