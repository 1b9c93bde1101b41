"""Lambda: moto keeps the functions, our worker pool runs them."""

import json
import threading
from collections.abc import Callable
from typing import Any

from moto.awslambda_simple.models import LambdaSimpleBackend

from local_cloud.functions.specification import FunctionSpecification, Outcome
from local_cloud.moto_adapter.replacements import Replacements

Invoke = Callable[[FunctionSpecification, Any], Outcome]


def install(replacements: Replacements, invoke: Invoke) -> None:
    """Let ``invoke`` run the functions."""

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


def _specification(function: Any) -> FunctionSpecification:
    return FunctionSpecification(
        name=function.function_name,
        arn=function.function_arn,
        handler=function.handler,
        timeout=float(function.timeout),
        memory=int(function.memory_size),
        variables=dict(function.environment_vars),
        role=str(function.role),
    )
