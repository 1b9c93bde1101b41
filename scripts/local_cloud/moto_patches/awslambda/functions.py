"""Lambda: moto keeps the functions, our worker pool runs them."""

import json
import threading
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda_simple.models import LambdaSimpleBackend

from local_cloud.lambda_runtime.specification import FunctionSpecification, InvocationResult
from local_cloud.moto_patches.replacements import Replacements

_LOGGING_CONFIG = "_organist_logging_config"

Invoke = Callable[[FunctionSpecification, Any], InvocationResult]


def install(replacements: Replacements, invoke: Invoke) -> None:
    """Let ``invoke`` run the functions, and keep their LoggingConfig, which moto does not."""
    _keep_logging_config(replacements)

    def invoke_function(
        backend: Any,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,
        response_headers: Any,
    ) -> bytes:
        function = _specification(backend.get_function(function_name, qualifier))
        event = json.loads(body) if body else {}
        kind = headers.get("X-Amz-Invocation-Type") or "RequestResponse"
        response_headers["x-amz-executed-version"] = "$LATEST"
        if kind == "DryRun":
            return b""
        if kind == "Event":
            threading.Thread(target=invoke, args=(function, event), daemon=True).start()
            return b""
        outcome = invoke(function, event)
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return outcome.payload

    replacements.replace(LambdaSimpleBackend, "invoke", invoke_function)


def log_group(function: Any) -> str:
    """Return the log group that a function writes to: its LoggingConfig's, or the standard one."""
    configured = getattr(function, _LOGGING_CONFIG, {}).get("LogGroup")
    return configured or f"/aws/lambda/{function.function_name}"


def _keep_logging_config(replacements: Replacements) -> None:
    create, describe = LambdaBackend.create_function, LambdaFunction.get_configuration

    def create_function(backend: Any, specification: dict[str, Any]) -> Any:
        made = create(backend, specification)
        setattr(made, _LOGGING_CONFIG, specification.get("LoggingConfig") or {})
        return made

    def get_configuration(function: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        described: dict[str, Any] = describe(function, *arguments, **named)
        config = {"LogFormat": "Text", **getattr(function, _LOGGING_CONFIG, {})}
        return described | {"LoggingConfig": config | {"LogGroup": log_group(function)}}

    replacements.replace(LambdaBackend, "create_function", create_function)
    replacements.replace(LambdaFunction, "get_configuration", get_configuration)


def _specification(function: Any) -> FunctionSpecification:
    return FunctionSpecification(
        name=function.function_name,
        arn=function.function_arn,
        handler=function.handler,
        timeout=float(function.timeout),
        memory=int(function.memory_size),
        variables=dict(function.environment_vars),
        log_group=log_group(function),
        role=str(function.role),
    )
