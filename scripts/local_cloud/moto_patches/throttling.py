"""Throttles: calls and functions beyond the account's limits are refused as AWS does it."""

from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import BaseResponse

from local_cloud.limits.account_limits import AccountLimits, ConcurrencyExceededError
from local_cloud.moto_patches.refusals import refusal
from local_cloud.moto_patches.replacements import Replacements

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
_EC2 = ("RequestLimitExceeded", 503, "Request limit exceeded.")
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
_OTHERS = ("ThrottlingException", 400, "Rate exceeded")
_SERVICES = {"stepfunctions": "states"}


class _TooManyError(LambdaClientError):  # type: ignore[misc] # moto has no types
    code = 429


def install(replacements: Replacements, limits: AccountLimits) -> None:
    """Let every call and every function that is waited for keep to ``limits``."""
    call, invoke = BaseResponse.call_action, LambdaResponse.invoke

    def call_action(response: Any) -> Any:
        service = _SERVICES.get(response.boto3_service_name, response.boto3_service_name)
        machines = response._get_params().get("InstanceIds") or [None] if service == "ec2" else [None]
        if limits.allows(service, response._get_action(), len(machines)):
            return call(response)
        return refusal(response, *(_EC2 if service == "ec2" else _OTHERS))

    def invoke_function(response: Any) -> Any:
        if response.headers.get("X-Amz-Invocation-Type") == "Event":
            return invoke(response)  # which Lambda keeps until it has room
        try:
            with limits.running():
                return invoke(response)
        except ConcurrencyExceededError:
            raise _TooManyError("TooManyRequestsException", "Rate Exceeded.") from None

    replacements.replace(BaseResponse, "call_action", call_action)
    replacements.replace(LambdaResponse, "invoke", invoke_function)
