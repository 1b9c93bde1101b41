"""Waiting for a condition, never for a time."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from local_cloud.polling import poll

Found = TypeVar("Found")


def wait_until(
    condition: Callable[[], Found | None], seconds: float = 15.0, poll_seconds: float = 0.05
) -> Found:
    """Poll until what is found is true; fail with what was found last."""
    found = poll(condition, seconds, poll_seconds)
    if not found:
        pytest.fail(f"not so within {seconds} s; last seen: {found!r}")
    return found
