"""Functions in a VPC that nobody called for long: Lambda takes their network away, and restores it on a call.

https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html: such a function is Inactive; a call fails
and makes it Pending until its resources are there again. After 14 days:
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-function-states and
crossplane-contrib/provider-aws pull 2084. Seen in accounts: aws/aws-cdk 20123, aws-controllers-k8s/community
2446.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

IDLE_SECONDS = 14 * 24 * 3600.0

Clock = Callable[[], float]
"""Gives the time in seconds since the epoch, or since any other fixed moment."""


class FunctionState(StrEnum):
    """A function's state in GetFunction."""

    ACTIVE = "Active"
    PENDING = "Pending"
    INACTIVE = "Inactive"


@dataclass
class _Record:
    last_used: float
    ready_at: float = 0.0


class Idleness:
    """Knows when each function in a VPC was called last. Safe to use from many threads.

    Args:
        wake_seconds: How long (s) a function is Pending once a call has found it Inactive.
    """

    def __init__(self, clock: Clock, wake_seconds: float) -> None:
        self._clock = clock
        self._wake_seconds = wake_seconds
        self._lock = threading.Lock()
        self._records: dict[str, _Record] = {}

    def made(self, function: str) -> None:
        """Note that a function was made now."""
        with self._lock:
            self._records[function] = _Record(self._clock())

    def state(self, function: str) -> FunctionState:
        """Return the state of a function, named as it was to ``made``."""
        with self._lock:
            return self._state(self._record(function))

    def called(self, function: str) -> FunctionState:
        """Note that a function is called now; return the state in which the call finds it.

        Only an Active one runs. An Inactive one is Pending from now on.
        """
        with self._lock:
            record = self._record(function)
            found, now = self._state(record), self._clock()
            if found is FunctionState.INACTIVE:
                record.ready_at = now + self._wake_seconds
            if found is not FunctionState.PENDING:
                record.last_used = now
            return found

    def _record(self, function: str) -> _Record:
        return self._records.setdefault(function, _Record(self._clock()))

    def _state(self, record: _Record) -> FunctionState:
        now = self._clock()
        if now < record.ready_at:
            return FunctionState.PENDING
        idle = now - max(record.last_used, record.ready_at)
        return FunctionState.INACTIVE if idle >= IDLE_SECONDS else FunctionState.ACTIVE
