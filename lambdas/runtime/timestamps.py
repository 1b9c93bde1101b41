"""Moments as the state machine and tags carry them."""

from datetime import datetime


def to_iso(moment: datetime) -> str:
    """Return a moment as the state carries it: ISO 8601, UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_precise_iso(moment: datetime) -> str:
    """Return a moment as ``to_iso`` does, with milliseconds: where a second is long."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def from_iso(text: str) -> datetime:
    """Read a moment, as Step Functions and these functions write it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
