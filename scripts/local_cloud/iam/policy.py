"""What policies say of a request: allowed, or denied by a statement, or by none that allows it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from local_cloud.iam.conditions import Context, glob, holds
from local_cloud.iam.errors import UnknownToIamError
from local_cloud.iam.reference import check_statement

_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Decision(StrEnum):
    """The words of SimulatePrincipalPolicy."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True)
class Request:
    """One question to IAM: may this be done to that; a call may ask several.

    Attributes:
        action: Such as ``ecs:RunTask``.
        resource: The ARN that the service checks, or ``*``.
        context: Condition keys and their values.
    """

    action: str
    resource: str
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


@cache
def read_policy(text: str) -> tuple[dict[str, Any], ...]:
    """Return the statements of a policy document.

    Raises:
        UnknownToIamError: A statement has an element that an identity's policy cannot have, or names an
            action, a resource or a condition key that is not known.
    """
    statements = tuple(_as_list(json.loads(text)["Statement"]))
    for statement in statements:
        if unknown := set(statement) - _ELEMENTS:
            raise UnknownToIamError(f"A policy has the element {', '.join(sorted(unknown))}.")
        check_statement(statement)
    return statements


def evaluate(policies: Iterable[str], request: Request) -> Decision:
    """Return what all policies together say of a request; one statement that denies it is enough.

    Args:
        policies: Policy documents as JSON.
        request: What is asked.

    Raises:
        UnknownToIamError: Something in a policy is not known here.
    """
    context = {key.lower(): value for key, value in request.context.items()}
    applying = {
        statement["Effect"]
        for text in policies
        for statement in read_policy(text)
        if _applies(statement, request, context)
    }
    if "Deny" in applying:
        return Decision.EXPLICIT_DENY
    return Decision.ALLOWED if "Allow" in applying else Decision.IMPLICIT_DENY


def _applies(statement: Mapping[str, Any], request: Request, context: Context) -> bool:
    return (
        _element(statement, "Action", request.action, context, ignore_case=True)
        and _element(statement, "Resource", request.resource, context, ignore_case=False)
        and all(
            holds(
                operator, [_filled(str(one), context) for one in _as_list(wanted)], context.get(key.lower())
            )
            for operator, tests in statement.get("Condition", {}).items()
            for key, wanted in _texts(tests)
        )
    )


def _element(
    statement: Mapping[str, Any], name: str, value: str, context: Context, *, ignore_case: bool
) -> bool:
    def matches(patterns: Any) -> bool:
        return any(
            glob(_filled(pattern, context), ignore_case=ignore_case)(value) for pattern in _as_list(patterns)
        )

    if f"Not{name}" in statement:
        return not matches(statement[f"Not{name}"])
    return matches(statement[name])


def _texts(tests: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for key, wanted in tests.items():
        values = _as_list(wanted)
        yield key, [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _filled(text: str, context: Context) -> str:
    def value_of(match: re.Match[str]) -> str:
        given = context.get(match[1].lower())
        if given is None or len(given) != 1:
            raise UnknownToIamError(f"A policy has the variable {match[0]}, which the request does not.")
        return given[0]

    return _VARIABLE.sub(value_of, text)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
