"""The actions, resources and condition keys that policies here may name.

Beside each action stands what the service checks, and the page that says so. Where the Service Authorization
Reference and people's experience differ, experience holds, and its address stands there. Anything else in a
policy or a request is an error: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from local_cloud.iam.conditions import glob
from local_cloud.iam.errors import UnknownToIamError

_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_"
_ECS, _EC2 = f"{_REFERENCE}amazonelasticcontainerservice.html", f"{_REFERENCE}amazonec2.html"
_LOGS, _S3 = f"{_REFERENCE}amazoncloudwatchlogs.html", f"{_REFERENCE}amazons3.html"
_ECR = f"{_REFERENCE}amazonelasticcontainerregistry.html"
_VPC_FUNCTIONS = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"
_CLUSTER = ("ecs:cluster",)
_TAGGED = ("aws:RequestTag/", "aws:TagKeys")
_LAUNCH = ("ec2:LaunchTemplate", "ec2:IsLaunchTemplateResource", "ec2:InstanceType", "ec2:Vpc", "ec2:Owner")


@dataclass(frozen=True)
class Action:
    """What a service checks of an action.

    Attributes:
        resources: The types of ARNs that are checked; ``*`` alone where there is none to name.
        keys: The condition keys that the service gives, beside ``aws:ResourceTag/…``; one that ends in a
            slash goes on with a tag's name.
        source: Where that is said.
    """

    resources: tuple[str, ...]
    keys: tuple[str, ...]
    source: str


ACTIONS: dict[str, Action] = {
    "ec2:DescribeImages": Action(("*",), (), _EC2),
    "ec2:DescribeInstances": Action(("*",), (), _EC2),
    "ec2:DescribeInstanceTypes": Action(("*",), (), _EC2),
    "ec2:DescribeInstanceTypeOfferings": Action(("*",), (), _EC2),
    "ec2:DescribeSubnets": Action(("*",), ("lambda:SourceFunctionArn",), _EC2),
    "ec2:DescribeNetworkInterfaces": Action(("*",), ("lambda:SourceFunctionArn",), _VPC_FUNCTIONS),
    "ec2:CreateNetworkInterface": Action(("*",), ("lambda:SourceFunctionArn",), _VPC_FUNCTIONS),
    "ec2:DeleteNetworkInterface": Action(("*",), ("lambda:SourceFunctionArn",), _VPC_FUNCTIONS),
    "ec2:AssignPrivateIpAddresses": Action(("*",), ("lambda:SourceFunctionArn",), _VPC_FUNCTIONS),
    "ec2:UnassignPrivateIpAddresses": Action(("*",), ("lambda:SourceFunctionArn",), _VPC_FUNCTIONS),
    # Each of these, with what the launch template adds:
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-launch-templates.html
    "ec2:RunInstances": Action(
        (
            *("image", "instance", "launch-template", "network-interface"),
            *("security-group", "subnet", "volume"),
        ),
        (*_LAUNCH, *_TAGGED),
        _EC2,
    ),
    "ec2:CreateTags": Action(
        ("instance", "volume", "network-interface"), ("ec2:CreateAction", *_TAGGED), _EC2
    ),
    "ec2:TerminateInstances": Action(("instance",), (), _EC2),
    "ecs:DiscoverPollEndpoint": Action(("*",), (), _ECS),
    "ecs:RegisterContainerInstance": Action(("cluster",), _TAGGED, _ECS),
    "ecs:SubmitTaskStateChange": Action(("cluster",), (), _ECS),
    "ecs:SubmitContainerStateChange": Action(("cluster",), (), _ECS),
    "ecs:SubmitAttachmentStateChanges": Action(("cluster",), (), _ECS),
    "ecs:Poll": Action(("container-instance",), _CLUSTER, _ECS),
    "ecs:StartTelemetrySession": Action(("container-instance",), _CLUSTER, _ECS),
    "ecs:ListContainerInstances": Action(("cluster",), (), _ECS),
    "ecs:DeregisterContainerInstance": Action(("cluster",), (), _ECS),
    # On "*" where the call names no container instance, whatever the reference says. Also seen by
    # widdix/complete-aws-iam-reference 74 and fabfuel/ecs-deploy 119.
    "ecs:ListTasks": Action(
        ("*", "container-instance"), _CLUSTER, "https://github.com/cdklabs/construct-hub/pull/1207"
    ),
    "ecs:DescribeTasks": Action(("task",), _CLUSTER, _ECS),
    "ecs:DescribeContainerInstances": Action(("container-instance",), _CLUSTER, _ECS),
    "ecs:StopTask": Action(("task",), _CLUSTER, _ECS),
    # The revision is resolved first: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
    "ecs:RunTask": Action(("task-definition",), (*_CLUSTER, *_TAGGED), _ECS),
    "ecs:TagResource": Action(
        ("task",),
        ("ecs:CreateAction", *_TAGGED),
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html",
    ),
    "iam:PassRole": Action(
        ("role",),
        ("iam:PassedToService",),
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    ),
    # A public parameter's ARN has no account:
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
    "ssm:GetParameter": Action(("parameter",), (), f"{_REFERENCE}awssystemsmanager.html"),
    "states:DescribeExecution": Action(("execution",), (), f"{_REFERENCE}awsstepfunctions.html"),
    "lambda:InvokeFunction": Action(("function",), (), f"{_REFERENCE}awslambda.html"),
    "s3:ListBucket": Action(("bucket",), ("s3:prefix",), _S3),
    "s3:GetObject": Action(("object",), (), _S3),
    "s3:GetObjectVersion": Action(("object",), (), _S3),
    "s3:PutObject": Action(("object",), (), _S3),
    "s3:AbortMultipartUpload": Action(("object",), (), _S3),
    "s3:ListMultipartUploadParts": Action(("object",), (), _S3),
    "s3:DeleteObject": Action(("object",), (), _S3),
    "s3:ListBucketMultipartUploads": Action(("bucket",), (), _S3),
    "s3:GetEncryptionConfiguration": Action(("bucket",), (), _S3),
    "secretsmanager:GetSecretValue": Action(("Secret",), (), f"{_REFERENCE}awssecretsmanager.html"),
    "sqs:SendMessage": Action(("queue",), ("aws:SourceArn",), f"{_REFERENCE}amazonsqs.html"),
    "logs:CreateLogStream": Action(("log-group",), (), _LOGS),
    "logs:PutLogEvents": Action(("log-group",), (), _LOGS),
    **{
        f"logs:{name}": Action(
            ("*",), (), "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"
        )
        for name in (
            *("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies"),
            *("GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery"),
        )
    },
    **{
        f"xray:{name}": Action(("*",), (), f"{_REFERENCE}awsx-ray.html")
        for name in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
    },
    # EC2 and S3 ask in the caller's name, where a key of the customer's own is used.
    **{
        f"kms:{name}": Action(
            ("key",),
            ("kms:ViaService", "kms:GrantIsForAWSResource"),
            f"{_REFERENCE}awskeymanagementservice.html",
        )
        for name in (
            *("CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
            *("ReEncryptFrom", "ReEncryptTo"),
        )
    },
    "ecr:GetAuthorizationToken": Action(("*",), (), _ECR),
    "ecr-public:GetAuthorizationToken": Action(
        ("*",), (), f"{_REFERENCE}amazonelasticcontainerregistrypublic.html"
    ),
    "sts:GetServiceBearerToken": Action(
        ("*",), ("sts:AWSServiceName",), f"{_REFERENCE}awssecuritytokenservice.html"
    ),
    **{
        f"ecr:{name}": Action(("repository",), (), _ECR)
        for name in (
            *("BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload", "DescribeImages"),
            *("GetDownloadUrlForLayer", "InitiateLayerUpload", "PutImage", "UploadLayerPart"),
        )
    },
}
_BY_NAME = {name.lower(): action for name, action in ACTIONS.items()}


def find_action(name: str) -> Action:
    """Return an action by its name, whatever its case; ``UnknownToIamError`` if there is none."""
    found = _BY_NAME.get(name.lower())
    if found is None:
        raise UnknownToIamError(f"The local cloud does not know what is checked of {name}.")
    return found


def check_statement(statement: dict[str, Any]) -> None:
    """Raise ``UnknownToIamError`` if a statement names an action, a resource or a key that is not known."""
    actions = [action for name in _texts(statement.get("Action", [])) for action in _actions(name)]
    for resource in _texts(statement.get("Resource", [])):
        if not resource.startswith("arn:") and resource != "*":
            raise UnknownToIamError(f'A policy has the resource "{resource}", which is no ARN and not "*".')
    for tests in statement.get("Condition", {}).values():
        for key in tests:
            if actions and not any(_has_key(action, key) for action in actions):
                raise UnknownToIamError(
                    f"A policy holds {statement['Action']} to the condition key {key}, which none of it has."
                )


def _actions(name: str) -> list[Action]:
    if "*" in name or "?" in name:
        matches = glob(name, ignore_case=True)
        return [action for known, action in ACTIONS.items() if matches(known)]
    return [find_action(name)]


def _has_key(action: Action, key: str) -> bool:
    if key.startswith(("aws:ResourceTag/", "aws:PrincipalTag/")) or key == "aws:ResourceAccount":
        return True
    return any(key == known or (known.endswith("/") and key.startswith(known)) for known in action.keys)


def _texts(value: str | list[str]) -> Iterable[str]:
    return [value] if isinstance(value, str) else value
