"""The entry point of every Lambda function: one structured log line in, one out, nothing swallowed.

It also answers ``WAKE``, with which the state machine wakes a function in a VPC that was idle for weeks:
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from aws_lambda_powertools import Logger

from lambdas.runtime.errors import InvalidEvent, Kind, OrganistError
from lambdas.runtime.metrics import publish

Event = dict[str, Any]
Result = dict[str, Any]
E = TypeVar("E", bound=Mapping[str, Any])  # a function's own event
R = TypeVar("R", bound=Mapping[str, Any])

WAKE: Event = {"wake": True}
AWAKE: Result = {"awake": True}
SUBJECTS = ("instanceName", "moduleName")  # what a log line names of the event; the rest may be long

NAME = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "organist")
logger = Logger(service=NAME)


def entry_point(handler: Callable[[E], R]) -> Callable[[Event, Any], Result]:
    """Make a Lambda handler of a function from event to result; ``WAKE`` does not come to the function."""

    @functools.wraps(handler)
    def enter(event: Event, context: Any) -> Result:
        if event == WAKE:
            logger.debug("woken")
            return AWAKE
        subject = {key: event[key] for key in SUBJECTS if key in event}
        subject["request"] = getattr(context, "aws_request_id", None)
        logger.info("called", extra=subject)
        try:
            result = handler(cast("E", event))
        except OrganistError as error:
            logger.warning(
                "refused",
                extra=subject | {"error": type(error).__name__, "cause": str(error)},
            )
            if error.kind is not Kind.RETRY:
                publish({"StepFailed": 1}, {"step": NAME}, {"error": type(error).__name__})
            raise
        logger.info("done", extra=subject)
        return cast("Result", result)

    return enter


def require(event: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise ``InvalidEvent`` that names every field of ``names`` which the event lacks."""
    missing = [name for name in names if event.get(name) in (None, "")]
    if missing:
        raise InvalidEvent(f"The event has no {', '.join(missing)}.")
