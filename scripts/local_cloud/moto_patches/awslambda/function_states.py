"""Lambda's function states, which moto does not have: a function in a VPC that was idle for long sleeps.

The errors and their status codes are those of Invoke:
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors. A call that finds a function
Inactive fails with ResourceNotReadyException (Lambda developer guide, "VPC function states"); while it is
Pending, calls were seen to fail with ResourceConflictException (remotion-dev/remotion 1186).
"""

from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from local_cloud.lambda_runtime.idleness import FunctionState, Idleness
from local_cloud.moto_patches.replacements import Replacements

# StateReasonCode and StateReason:
# https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html#lambda-Type-FunctionConfiguration-StateReasonCode
_REASONS = {
    FunctionState.INACTIVE: ("Idle", "The function is currently idle."),
    FunctionState.PENDING: ("Restoring", "The function is being restored."),
}


class ResourceNotReady(LambdaClientError):  # type: ignore[misc]
    """The function is Inactive; this call makes it Pending."""

    code = 502

    def __init__(self) -> None:
        super().__init__(
            "ResourceNotReadyException",
            "The function is inactive and its VPC connection is no longer available. Wait for the VPC "
            "connection to reestablish and try again.",
        )


class ResourceConflict(LambdaClientError):  # type: ignore[misc]
    """The function is Pending."""

    code = 409

    def __init__(self) -> None:
        super().__init__(
            "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the following "
            "state: Pending",
        )


def install(replacements: Replacements, idleness: Idleness) -> None:
    """Let functions with a VpcConfig fall asleep and wake as ``idleness`` says."""
    _note_new_functions(replacements, idleness)
    _show_states(replacements, idleness)
    _refuse_calls(replacements, idleness)


def _note_new_functions(replacements: Replacements, idleness: Idleness) -> None:
    original = LambdaBackend.create_function

    def create_function(backend: Any, specification: dict[str, Any]) -> Any:
        made = original(backend, specification)
        idleness.made(made.function_name)
        return made

    replacements.replace(LambdaBackend, "create_function", create_function)


def _show_states(replacements: Replacements, idleness: Idleness) -> None:
    original = LambdaFunction.get_configuration

    def get_configuration(function: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        described: dict[str, Any] = original(function, *arguments, **named)
        if _is_in_vpc(function):
            state = idleness.state(function.function_name)
            described["State"] = str(state)
            if state in _REASONS:
                described["StateReasonCode"], described["StateReason"] = _REASONS[state]
        return described

    replacements.replace(LambdaFunction, "get_configuration", get_configuration)


def _refuse_calls(replacements: Replacements, idleness: Idleness) -> None:
    original = LambdaResponse.invoke

    def invoke(response: Any) -> Any:
        name = unquote(response.path.rsplit("/", 2)[-2])
        function = response.backend.get_function(name, response._get_param("qualifier"))
        is_real = response.headers.get("X-Amz-Invocation-Type") != "DryRun"
        if is_real and _is_in_vpc(function):
            found = idleness.called(function.function_name)
            if found is FunctionState.INACTIVE:
                raise ResourceNotReady
            if found is FunctionState.PENDING:
                raise ResourceConflict
        return original(response)

    replacements.replace(LambdaResponse, "invoke", invoke)


def _is_in_vpc(function: Any) -> bool:
    return bool((function.vpc_config or {}).get("SubnetIds"))
