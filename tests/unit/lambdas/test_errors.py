"""Every named error has a kind and advice, and AWS's own errors get the right names."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from lambdas.aws.errors import AwsAccessDenied, AwsCallRefused, AwsThrottled, AwsUnavailable, name_aws_error
from lambdas.runtime.errors import Kind, OrganistError
from tools.page_tables import error_classes


def client_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "told"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "RunInstances",
    )


def test_every_error_says_what_it_is_and_what_to_do() -> None:
    errors = error_classes()
    assert len(errors) > 25
    for error in errors:
        assert error.__doc__, error
        assert isinstance(error.kind, Kind), error
        assert error.advice.endswith("."), error


def test_a_message_ends_with_the_advice() -> None:
    assert str(AwsThrottled("RunInstances answered Throttling.")).endswith(AwsThrottled.advice)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (client_error("RequestLimitExceeded", 503), AwsThrottled),
        (client_error("ThrottlingException"), AwsThrottled),
        (client_error("UnauthorizedOperation", 403), AwsAccessDenied),
        (client_error("AccessDeniedException"), AwsAccessDenied),
        (client_error("InternalError", 500), AwsUnavailable),
        (client_error("SomethingNew", 502), AwsUnavailable),
        (client_error("InvalidParameterValue"), AwsCallRefused),
        (EndpointConnectionError(endpoint_url="http://x"), AwsUnavailable),
        (ReadTimeoutError(endpoint_url="http://x"), AwsUnavailable),
        (ResponseParserError("an HTML page"), AwsUnavailable),
        (NoCredentialsError(), AwsAccessDenied),
    ],
)
def test_what_botocore_raises_gets_a_name(error: Exception, name: type[OrganistError]) -> None:
    assert type(name_aws_error(error)) is name  # type: ignore[arg-type]
