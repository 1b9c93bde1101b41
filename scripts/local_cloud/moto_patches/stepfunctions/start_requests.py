"""What StartExecution refuses: a name that is none, an input that is no JSON.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html. One that is too long
is a ValidationException (getmoto/moto 6438, gchq/sleeper 1869), one with other characters an InvalidName.
"""

import json
from typing import Any, NoReturn

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidExecutionInput, NameTooLongException
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.moto_patches.replacements import Replacements

LONGEST_NAME = 80


def install(replacements: Replacements) -> None:
    """Let StartExecution refuse them, with Amazon's words."""
    original = StepFunctionResponse.start_execution

    def start_execution(response: Any) -> ActionResult:
        name, text = response._get_param("name"), response._get_param("input")
        if name is not None:
            if len(name) > LONGEST_NAME:
                raise NameTooLongException(name)
            response.stepfunction_backend._validate_name(name)
        if text is not None:
            _check_json(text)
        return original(response)

    replacements.replace(StepFunctionResponse, "start_execution", start_execution)


def _check_json(text: str) -> None:
    # Amazon's parser is Jackson: its class and its way to say where are kept, the reason is Python's.
    try:
        json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f'[Source: (String)"{text}"; line: {error.lineno}, column: {error.colno}]'
        raise _no_json(f"{error.msg}\n at {where}") from error


def _refuse(constant: str) -> NoReturn:
    raise _no_json(f"Non-standard token '{constant}'")


def _no_json(reason: str) -> InvalidExecutionInput:
    return InvalidExecutionInput(
        f"Invalid State Machine Execution Input: 'com.fasterxml.jackson.core.JsonParseException: {reason}'"
    )
