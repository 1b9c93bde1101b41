"""What AWS answers when a call fails, by name.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name
    HTTPClientError,
    NoCredentialsError,
)
from botocore.parsers import ResponseParserError

from lambdas.runtime.errors import Kind, OrganistError


class AwsThrottled(OrganistError):
    """AWS asks to slow down."""

    kind = Kind.RETRY
    advice = "If this persists, start fewer productions at once."


class AwsUnavailable(OrganistError):
    """An AWS service gave a server error or no answer."""

    kind = Kind.RETRY
    advice = "If this persists, see https://health.aws.amazon.com."


class AwsAccessDenied(OrganistError):
    """The function's role may not make this call."""

    kind = Kind.FATAL
    advice = "Deploy again; if an organisation's policy (SCP) forbids the call, ask whoever keeps it."


class AwsCallRefused(OrganistError):
    """AWS refused a call for another reason, which the message gives."""

    kind = Kind.FATAL
    advice = "AWS's message says what it did not accept."


THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "EC2ThrottledException",
        "LimitExceededException",
        "503",  # of a HEAD, whose answer has no body: S3 says SlowDown by it
    }
)
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthFailure",
        "OptInRequired",
        "UnrecognizedClientException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
    }
)
UNAVAILABLE = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ServerException",
        "ServiceUnavailable",
        "Unavailable",
    }
)
FIRST_SERVER_ERROR = 500


def error_code(error: ClientError) -> str:
    """Return the AWS error code, such as ``InvalidInstanceID.NotFound``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """Return AWS's own words."""
    return str(error.response.get("Error", {}).get("Message", ""))


def name_aws_error(error: ClientError | BotoCoreError | ResponseParserError) -> OrganistError:
    """Return the named error for what botocore raised.

    Args:
        error: As botocore raised it after its own quick retries.
    """
    if isinstance(error, ClientError):
        return _name_client_error(error)
    if isinstance(error, NoCredentialsError):
        return AwsAccessDenied("There are no AWS credentials.")
    if isinstance(error, (ConnectionError, HTTPClientError, ResponseParserError)):
        return AwsUnavailable(f"AWS gave no answer, or none that can be read: {error}.")
    return AwsCallRefused(f"The call could not be made: {error}.")


def _name_client_error(error: ClientError) -> OrganistError:
    code = error_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = f"{error.operation_name} answered {code or status}: {error_message(error)}"
    if code in THROTTLED:
        return AwsThrottled(message)
    if code in DENIED:
        return AwsAccessDenied(message)
    if code in UNAVAILABLE or status >= FIRST_SERVER_ERROR:
        return AwsUnavailable(message)
    return AwsCallRefused(message)
