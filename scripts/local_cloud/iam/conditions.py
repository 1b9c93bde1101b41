"""A policy statement's Condition: operators, set operators, missing keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from local_cloud.iam.errors import UnknownToIamError

Context = Mapping[str, Sequence[str]]
"""The values of each condition key of a request, by the key's name in lower case."""

_ARN_PARTS = 6


@cache
def glob(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """Return what tells whether a text matches a pattern with ``*`` and ``?``."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    compiled = re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))
    return lambda text: compiled.fullmatch(text) is not None


def arn_matches(pattern: str, text: str) -> bool:
    """Compare ARNs part by part, as ArnEquals and ArnLike both do."""
    wanted, given = pattern.split(":", _ARN_PARTS - 1), text.split(":", _ARN_PARTS - 1)
    if len(wanted) != _ARN_PARTS or len(given) != _ARN_PARTS:
        return False
    return all(glob(part)(value) for part, value in zip(wanted, given, strict=True))


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, given: compare(float(given), float(wanted))


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": lambda wanted, given: glob(wanted)(given),
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
    "NumericEquals": _number(lambda given, wanted: given == wanted),
    "NumericLessThan": _number(lambda given, wanted: given < wanted),
    "NumericLessThanEquals": _number(lambda given, wanted: given <= wanted),
    "NumericGreaterThan": _number(lambda given, wanted: given > wanted),
    "NumericGreaterThanEquals": _number(lambda given, wanted: given >= wanted),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


def holds(operator: str, wanted: Sequence[str], given: Sequence[str] | None) -> bool:
    """Whether one key of a condition holds.

    Args:
        operator: Such as ``StringEquals``, ``ArnLikeIfExists`` or ``ForAnyValue:StringLike``.
        wanted: The policy's values, of which one is enough.
        given: The request's values, None if it has no such key.

    Raises:
        UnknownToIamError: The local cloud does not know the operator.
    """
    quantifier, _, plain = operator.rpartition(":")
    if plain == "Null":
        return (given is None) == (wanted[0].lower() == "true")
    if plain.endswith("IfExists"):
        if given is None:
            return True
        plain = plain.removesuffix("IfExists")
    negated = plain in _NEGATED
    test = _TESTS.get(_NEGATED.get(plain, plain))
    if test is None:
        raise UnknownToIamError(f"The local cloud does not know the condition operator {operator}.")

    def passes(value: str) -> bool:
        return any(test(one, value) for one in wanted) != negated

    if quantifier == "ForAllValues":
        return all(map(passes, given or ()))
    if quantifier == "ForAnyValue":
        return any(map(passes, given or ()))
    if quantifier:
        raise UnknownToIamError(f"The local cloud does not know the set operator {quantifier}.")
    # A key that is not there fails every test but the negated ones.
    return negated if not given else all(map(passes, given))
