"""The base of every named error, and what each kind of error means to the state machine.

The class name is the error's name in the state machine's ``Retry`` and ``Catch`` fields: Lambda reports a
Python exception by its class name.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What the state machine does about an error."""

    RETRY = "retry"  # not yet, or a passing fault: the state's Retry waits and asks again
    FATAL = "fatal"  # waiting does not help: the production ends, a person does what the advice says
    BUG = "bug"  # organist itself or its deployment is wrong


class OrganistError(Exception):
    """What happened, what was expected, and (``advice``) what to do."""

    kind: ClassVar[Kind] = Kind.BUG
    advice: ClassVar[str] = "Report it, with the execution's history."

    def __str__(self) -> str:
        """Return the message that reaches the execution's cause: what happened, then the advice."""
        return f"{super().__str__()} {self.advice}".strip()


class InvalidEvent(OrganistError):
    """A function was called with an event that lacks something."""

    kind = Kind.FATAL
    advice = "docs/architecture.md shows the event of each function."


class MissingSetting(OrganistError):
    """An environment variable that the function needs is not set."""

    kind = Kind.BUG
    advice = "Deploy again: template.yaml sets it."
