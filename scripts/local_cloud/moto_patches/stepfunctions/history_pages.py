"""GetExecutionHistory in pages, oldest or newest first; moto gives everything at once, oldest first.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
"""

import base64
import binascii
import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidToken, ValidationException
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.moto_patches.replacements import Replacements

STANDARD_PAGE = 100
LARGEST_PAGE = 1000


def install(replacements: Replacements) -> None:
    """Let GetExecutionHistory heed reverseOrder, maxResults and nextToken."""

    def get_execution_history(response: Any) -> ActionResult:
        arn = response._get_param("executionArn")
        newest_first = bool(response._get_param("reverseOrder"))
        size = _page_size(response._get_param("maxResults"))
        every = response.stepfunction_backend.get_execution_history(arn)["events"]
        events = sorted(every, key=lambda event: int(event["id"]), reverse=newest_first)
        token = response._get_param("nextToken")
        if token:
            last = _read_token(token, arn, newest_first=newest_first)
            events = [
                event for event in events if (event["id"] < last if newest_first else event["id"] > last)
            ]
        page = events[:size]
        answer: dict[str, Any] = {"events": page}
        if len(events) > size:
            answer["nextToken"] = _write_token(arn, page[-1]["id"], newest_first=newest_first)
        return ActionResult(answer)

    replacements.replace(StepFunctionResponse, "get_execution_history", get_execution_history)


def _page_size(asked: int | None) -> int:
    if asked is not None and asked > LARGEST_PAGE:
        raise ValidationException(
            f"1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value less than or equal to {LARGEST_PAGE}"
        )
    return asked or STANDARD_PAGE


def _write_token(arn: str, last: int, *, newest_first: bool) -> str:
    # By the last event's number and not by a count: an execution that runs has more events by the next page.
    return base64.b64encode(json.dumps([arn, newest_first, last]).encode()).decode()


def _read_token(token: str, arn: str, *, newest_first: bool) -> int:
    try:
        of_arn, order, last = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidToken(f"'{token}'") from error
    if (of_arn, order) != (arn, newest_first):
        raise InvalidToken(f"'{token}'")
    return int(last)
