"""What a check finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FindingState(StrEnum):
    """How it stands with one thing; the words of ``--json``."""

    OK = "ok"
    WARNING = "warn"
    FAILED = "fail"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        check: The check, a word.
        what: What was looked at.
        state: How it stands with it.
        message: What was found.
        advice: What to do, "" where nothing is.
    """

    check: str
    what: str
    state: FindingState
    message: str
    advice: str = ""


def is_healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing was found that would keep a production from succeeding."""
    return all(finding.state is not FindingState.FAILED for finding in findings)
