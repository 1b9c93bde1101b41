"""A worker process: one function, warm, one call at a time.

It is forked from the fork server (``fork_server_process``), reads from its connection what it is to be, and
then answers calls until the connection ends.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from local_cloud.lambda_runtime.context import LambdaContext

Handler = Callable[[Any, LambdaContext], Any]
_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2


def serve(connection: Connection) -> None:
    """Become the function that the first message describes, then answer calls until there are no more."""
    setup = json.loads(connection.recv_bytes())
    _settle(setup)
    handler, failure = _load(setup["handler"])
    connection.send_bytes(json.dumps(failure).encode())
    while handler is not None:
        try:
            call = json.loads(connection.recv_bytes())
        except EOFError:
            return
        payload, failed = _answer(handler, call)
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send_bytes((b"!" if failed else b".") + payload)


def _settle(setup: dict[str, Any]) -> None:
    log = os.open(setup["log_file"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, _STANDARD_OUTPUT)
    os.dup2(log, _STANDARD_ERROR)
    os.close(log)
    sys.stdout = os.fdopen(_STANDARD_OUTPUT, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(_STANDARD_ERROR, "w", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(setup["environment"])
    os.chdir(Path(setup["log_file"]).parent)
    sys.path[:0] = setup["code_folders"]


def _load(name: str) -> tuple[Handler | None, dict[str, Any] | None]:
    module_name, _, function_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        traceback.print_exc()
        return None, _failure(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        )
    except Exception as error:  # noqa: BLE001 - whatever a module raises as it loads is the answer
        traceback.print_exc()
        return None, _describe(error)
    handler = getattr(module, function_name, None)
    if handler is None:
        reason = f"Handler '{function_name}' missing on module '{module_name}'"
        return None, _failure("Runtime.HandlerNotFound", reason)
    return handler, None


def _answer(handler: Handler, call: dict[str, Any]) -> tuple[bytes, bool]:
    context = LambdaContext(
        name=call["name"],
        arn=call["arn"],
        memory=call["memory"],
        request_id=call["request_id"],
        seconds=call["seconds"],
    )
    try:
        result = handler(call["event"], context)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is the function's answer
        traceback.print_exc()
        return _as_json({**_describe(error), "requestId": call["request_id"]}), True
    try:
        return _as_json(result), False
    except (TypeError, ValueError) as error:
        failure = _failure("Runtime.MarshalError", f"Unable to marshal response: {error}")
        return _as_json({**failure, "requestId": call["request_id"]}), True


def _describe(error: Exception) -> dict[str, Any]:
    frames = traceback.format_tb(error.__traceback__)[1:]  # the first frame is this module's own
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": frames}


def _failure(kind: str, message: str) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": kind, "stackTrace": []}


def _as_json(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()
