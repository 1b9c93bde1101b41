"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found | None], seconds: float = 15.0) -> Found:
    """Look until what is found is true; fails with what was found last."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not so within {seconds} s; last seen: {found!r}")
        time.sleep(0.05)
