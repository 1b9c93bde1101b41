"""IAM: moto keeps roles and policies, our evaluator judges every call that a role signs, and simulates.

moto's own access control evaluates neither resources nor conditions.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import unescape

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import ActionResult, BaseResponse
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.s3.exceptions import S3AccessDeniedError

from local_cloud.ecs.service import ContainerService
from local_cloud.iam.authorizer import AccessDenied, Authorizer
from local_cloud.iam.errors import UnknownToIamError
from local_cloud.iam.facts import TaskRoles
from local_cloud.iam.policy import Request
from local_cloud.moto_patches.ecs import find_definition
from local_cloud.moto_patches.refusals import RefusedError, refusal
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.moto_patches.signatures import signer

# How policies call the services that botocore calls otherwise.
_SERVICES = {"stepfunctions": "states"}
_JUDGED = frozenset({"ec2", "ecs", "ssm", "states"})
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
_DENIED = {"ec2": ("UnauthorizedOperation", 403)}
# What moto calls an operation of S3, where that is the permission's name.
_S3_OPERATIONS = {
    "ListBucket": "ListObjectsV2",
    "ListMultipartUploadParts": "ListParts",
    "ListBucketMultipartUploads": "ListMultipartUploads",
}
_DELETED_KEY = re.compile(r"<Key>([^<]*)</Key>")

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
_CONTEXT_TYPES = (
    *("string", "stringList", "numeric", "numericList", "boolean", "booleanList"),
    *("ip", "ipList", "binary", "binaryList", "date", "dateList"),
)


class MotoFacts:
    """What the services look up, from moto's and the container service's memory (``Facts``)."""

    def __init__(self, service: ContainerService, *, region: str, account: str) -> None:
        self.region, self.account = region, account
        self._service = service

    @property
    def _ec2(self) -> Any:
        return ec2_backends[self.account][self.region]

    def launch_template(self, reference: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The id and the data of the version that a LaunchTemplate parameter names."""
        identity = reference.get("LaunchTemplateId")
        template = (
            self._ec2.get_launch_template(identity)
            if identity
            else self._ec2.get_launch_template_by_name(reference["LaunchTemplateName"])
        )
        return str(template.id), dict(self._ec2._get_template_from_args(reference).data)

    def instance_tags(self, instance_id: str) -> dict[str, str]:
        """An EC2 instance's tags."""
        return {tag["key"]: tag["value"] for tag in self._ec2.describe_tags({"resource-id": [instance_id]})}

    def profile_role(self, profile: Mapping[str, str]) -> str:
        """The ARN of the role in an IamInstanceProfile parameter's profile."""
        iam = iam_backends[self.account]["aws"]
        name = profile.get("Name") or profile["Arn"].rsplit("/", 1)[-1]
        return str(iam.get_instance_profile(name).roles[0].arn)

    def subnet_vpc(self, subnet_id: str) -> str:
        """The VPC's id of a subnet, "" if there is none."""
        found = self._ec2.describe_subnets(subnet_ids=[subnet_id])
        return str(found[0].vpc_id) if found else ""

    def own_image_tags(self, image_id: str) -> dict[str, str] | None:
        """The tags of a machine image of the account's own, None for Amazon's."""
        image = self._ec2.amis.get(image_id)
        if image is None or image.owner_id != self.account:
            return None
        return {tag["key"]: tag["value"] for tag in self._ec2.describe_tags({"resource-id": [image_id]})}

    def cluster_arn(self, reference: str | None) -> str:
        """The ARN of a cluster's name or ARN."""
        name = (reference or "default").rsplit("/", 1)[-1]
        return f"arn:aws:ecs:{self.region}:{self.account}:cluster/{name}"

    def task_definition(self, reference: str) -> TaskRoles:
        """A task definition of a family, family:revision or ARN."""
        found = find_definition(reference, region=self.region, account=self.account)
        if found is None:
            return TaskRoles(f"arn:aws:ecs:{self.region}:{self.account}:task-definition/{reference}", ())
        roles = (found.get("taskRoleArn"), found.get("executionRoleArn"))
        return TaskRoles(found["taskDefinitionArn"], tuple(role for role in roles if role))

    def task_tags(self, task_arn: str) -> dict[str, str]:
        """A task's tags."""
        return self._service.tags_of_task(task_arn)


class MotoRoles:
    """The roles in moto's memory (``Roles``)."""

    def __init__(self, account: str) -> None:
        self._account = account

    def arns(self) -> list[str]:
        """The ARN of every role."""
        return [role.arn for role in list(iam_backends[self._account]["aws"].roles.values())]

    def policies(self, arn: str) -> list[str]:
        """The policy documents of a role, those attached to it too."""
        role = iam_backends[self._account]["aws"].get_role_by_arn(arn)
        attached = [
            version.document
            for policy in role.managed_policies.values()
            for version in policy.versions
            if version.is_default
        ]
        return [*role.policies.values(), *attached]


def install(replacements: Replacements, authorizer: Authorizer) -> None:
    """Let ``authorizer`` judge what is called, and answer SimulatePrincipalPolicy."""
    original = BaseResponse.call_action

    def call_action(response: Any) -> Any:
        service = _SERVICES.get(response.boto3_service_name, response.boto3_service_name)
        try:
            if service in _JUDGED:
                authorizer.check_call(
                    signer(response.headers, response.uri),
                    service,
                    response._get_action(),
                    _parameters(response, service),
                )
        except AccessDenied as denied:
            return refusal(response, *_DENIED.get(service, ("AccessDeniedException", 400)), str(denied))
        return original(response)

    def authorize_s3(response: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
        action = response.data.get("Action", "")
        operation = _S3_OPERATIONS.get(action, action)
        parameters: dict[str, Any] = {"Bucket": bucket_name, "Key": key_name}
        if operation == "DeleteObject" and key_name is None:
            operation, keys = "DeleteObjects", _DELETED_KEY.findall(response.body.decode())
            parameters["Delete"] = {"Objects": [{"Key": unescape(key)} for key in keys]}
        elif action == "ListBucket" and "encryption" in response._get_querystring(
            response.request, response.uri
        ):
            operation = "GetBucketEncryption"  # which moto takes for a listing
        try:
            authorizer.check_call(signer(response.headers, response.uri), "s3", operation, parameters)
        except AccessDenied as denied:
            raise S3AccessDeniedError from denied

    def simulate_principal_policy(response: Any) -> ActionResult:
        asked = response._get_params()
        _check_entries(asked.get("ContextEntries") or [])
        results = [
            _result(authorizer, asked, action, resource)
            for action in asked["ActionNames"]
            for resource in asked.get("ResourceArns") or ["*"]
        ]
        return ActionResult({"EvaluationResults": results, "IsTruncated": False})

    replacements.replace(BaseResponse, "call_action", call_action)
    replacements.replace(ActionAuthenticatorMixin, "_authenticate_and_authorize_s3_action", authorize_s3)
    replacements.add(IamResponse, "simulate_principal_policy", simulate_principal_policy)


def _check_entries(entries: Sequence[Mapping[str, Any]]) -> None:
    for number, entry in enumerate(entries, start=1):
        if entry.get("ContextKeyType", "string") not in _CONTEXT_TYPES:
            raise RefusedError(
                "ValidationError",
                f"1 validation error detected: Value '{entry['ContextKeyType']}' at "
                f"'contextEntries.{number}.member.contextKeyType' failed to satisfy constraint: Member must "
                f"satisfy enum value set: [{', '.join(_CONTEXT_TYPES)}]",
            )


def _result(authorizer: Authorizer, asked: Any, action: str, resource: str) -> dict[str, Any]:
    context = {
        entry["ContextKeyName"]: list(entry["ContextKeyValues"])
        for entry in asked.get("ContextEntries") or []
    }
    try:
        decision = authorizer.simulate(asked["PolicySourceArn"], Request(action, resource, context))
    except UnknownToIamError as error:
        raise RefusedError("InvalidInput", str(error)) from error
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision.value,
        "MatchedStatements": [],
        "MissingContextValues": [],
    }


def _parameters(response: Any, service: str) -> Mapping[str, Any]:
    if service == "ec2":
        asked: dict[str, Any] = response._get_params()
        return asked
    return dict(json.loads(response.body or "{}"))
