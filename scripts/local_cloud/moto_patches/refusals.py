"""Errors of AWS as each service's client expects them on the wire."""

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult


class RefusedError(ServiceException):  # type: ignore[misc] # moto has no types
    """moto takes an error's service from its class's module: here it is the request's."""


def refusal(response: Any, code: str, status: int, message: str) -> Any:
    """Return the answer of moto's ``response`` that refuses its call."""
    _, headers, body = response.serialized(ActionResult(RefusedError(code, message)))
    headers["status"] = status
    return status, headers, body
