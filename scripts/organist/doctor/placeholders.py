"""What the placeholders of recorded calls stand for in one deployment."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from organist.account.aws_account import Account
from organist.doctor.deployed_parts import DeployedParts

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import ResponseLaunchTemplateDataTypeDef


def read_placeholders(account: Account, parts: DeployedParts) -> Mapping[str, Sequence[str]]:
    """Ask what each placeholder stands for; several values where a production may use any."""
    template = _launch_template(account, parts)
    subnets = account.ec2.describe_subnets(SubnetIds=parts.subnets)["Subnets"]
    task = account.ecs.describe_task_definition(taskDefinition=parts.task_definitions[0])["taskDefinition"]
    return {
        "Region": [account.region],
        "Account": [parts.account_number],
        "NamePrefix": [parts.prefix],
        "StackName": [parts.variable("newInstance", "STACK_NAME")],
        "Cluster": [parts.variable("newInstance", "CLUSTER")],
        "LaunchTemplate": [parts.variable("newInstance", "LAUNCH_TEMPLATE_ID")],
        "SecurityGroup": template.get("SecurityGroupIds", []),
        "MediaBucket": [name for name in parts.variable("validateInput", "MEDIA_BUCKETS").split(",") if name],
        "Subnet": parts.subnets,
        "Vpc": sorted({subnet["VpcId"] for subnet in subnets}),
        "TaskDefinition": parts.task_definitions,
        "TaskRole": [arn for arn in [task.get("taskRoleArn")] if arn],
        "TaskExecutionRole": [arn for arn in [task.get("executionRoleArn")] if arn],
        "InstanceRole": _profile_roles(account, template),
    }


def _launch_template(account: Account, parts: DeployedParts) -> "ResponseLaunchTemplateDataTypeDef":
    found = account.ec2.describe_launch_template_versions(
        LaunchTemplateId=parts.variable("newInstance", "LAUNCH_TEMPLATE_ID"),
        Versions=[parts.variable("newInstance", "LAUNCH_TEMPLATE_VERSION")],
    )
    return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]


def _profile_roles(account: Account, template: "ResponseLaunchTemplateDataTypeDef") -> list[str]:
    profile = template["IamInstanceProfile"]
    name = profile.get("Name") or profile["Arn"].rpartition("/")[2]
    profile_found = account.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return [role["Arn"] for role in profile_found["Roles"]]
