"""What each service asks IAM for a call: the resource that it checks, not the one that one would like."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_cloud.iam import ec2_requests, ecs_requests
from local_cloud.iam.errors import UnknownToIamError
from local_cloud.iam.facts import Facts
from local_cloud.iam.policy import Request
from local_cloud.iam.reference import find_action

Parameters = Mapping[str, Any]


def _get_parameter(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    # A public parameter is nobody's: its ARN has no account.
    name = str(parameters["Name"])
    account = "" if name.startswith("/aws/service/") else facts.account
    separator = "" if name.startswith("/") else "/"
    yield Request("ssm:GetParameter", f"arn:aws:ssm:{facts.region}:{account}:parameter{separator}{name}")


def _describe_execution(_facts: Facts, parameters: Parameters) -> Iterator[Request]:
    yield Request("states:DescribeExecution", str(parameters["executionArn"]))


def _invoke_function(_facts: Facts, parameters: Parameters) -> Iterator[Request]:
    yield Request("lambda:InvokeFunction", str(parameters["FunctionArn"]))


def _on_object(action: str) -> Callable[[Facts, Parameters], Iterator[Request]]:
    def requests(_facts: Facts, parameters: Parameters) -> Iterator[Request]:
        yield Request(action, f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}")

    return requests


def _delete_objects(_facts: Facts, parameters: Parameters) -> Iterator[Request]:
    for item in parameters["Delete"]["Objects"]:
        yield Request("s3:DeleteObject", f"arn:aws:s3:::{parameters['Bucket']}/{item['Key']}")


def _on_bucket(action: str) -> Callable[[Facts, Parameters], Iterator[Request]]:
    def requests(_facts: Facts, parameters: Parameters) -> Iterator[Request]:
        prefix = {"s3:prefix": [str(parameters["Prefix"])]} if parameters.get("Prefix") else {}
        yield Request(action, f"arn:aws:s3:::{parameters['Bucket']}", prefix)

    return requests


REQUESTS: dict[str, dict[str, Callable[[Facts, Parameters], Iterator[Request]]]] = {
    "ec2": ec2_requests.REQUESTS,
    "ecs": ecs_requests.REQUESTS,
    "ssm": {"GetParameter": _get_parameter},
    "states": {"DescribeExecution": _describe_execution},
    "lambda": {"Invoke": _invoke_function},
    # HeadObject is GetObject's permission, HeadBucket and ListObjectsV2 are ListBucket's:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    # Of multipart uploads: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuAndPermissions.html
    "s3": {
        **dict.fromkeys(("GetObject", "HeadObject"), _on_object("s3:GetObject")),
        **dict.fromkeys(("HeadBucket", "ListObjectsV2"), _on_bucket("s3:ListBucket")),
        **dict.fromkeys(
            ("PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"),
            _on_object("s3:PutObject"),
        ),
        "AbortMultipartUpload": _on_object("s3:AbortMultipartUpload"),
        "ListParts": _on_object("s3:ListMultipartUploadParts"),
        "ListMultipartUploads": _on_bucket("s3:ListBucketMultipartUploads"),
        "GetBucketEncryption": _on_bucket("s3:GetEncryptionConfiguration"),
        "DeleteObjects": _delete_objects,
    },
}


def requests_of(service: str, operation: str, parameters: Parameters, facts: Facts) -> list[Request]:
    """Return everything that a service asks IAM for one call.

    Args:
        service: As policies call it, such as ``states``.
        operation: The API's name, such as ``RunTask``.
        parameters: The call's, by the API's names.
        facts: What the service looks up.

    Raises:
        UnknownToIamError: The local cloud does not know what is asked for this call.
    """
    known = REQUESTS.get(service, {}).get(operation)
    if known is None:
        raise UnknownToIamError(f"The local cloud does not know what {service} asks IAM for {operation}.")
    found = list(known(facts, parameters))
    for request in found:
        find_action(request.action)
    return found
