"""Waiting for a condition, with a deadline."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_not_result, stop_after_delay, wait_fixed

T = TypeVar("T")


def poll(condition: Callable[[], T], seconds: float, poll_seconds: float) -> T:
    """Return what a condition returns once that is true, else what it returns after some time.

    Args:
        condition: What is polled; what it raises is raised.
        seconds: The deadline.
        poll_seconds: Seconds between two polls.
    """
    polling = Retrying(
        retry=retry_if_not_result(bool),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(poll_seconds),
        retry_error_callback=_last,
    )
    return polling(condition)


def _last(state: RetryCallState) -> object:
    return state.outcome.result() if state.outcome else None
