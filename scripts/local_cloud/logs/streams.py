"""Log streams, and writing to them within CloudWatch Logs' limits.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LARGEST_BATCH_BYTES = 1_048_576
LARGEST_BATCH_EVENTS = 10_000
OVERHEAD_BYTES = 26  # that each event counts beside its message
LARGEST_STREAM_EVENTS = 50_000
"""More lines of one stream are kept in their file alone: the local account's memory is this computer's."""


@dataclass(frozen=True)
class LogStream:
    """A stream of a log group, by name."""

    group: str
    name: str


class StreamWriter:
    """Stamps lines and puts them into streams that exist.

    Args:
        logs: A client of CloudWatch Logs.
        clock: Gives seconds since the epoch.
    """

    def __init__(self, logs: Any, clock: Callable[[], float] = time.time) -> None:
        self._logs = logs
        self._clock = clock
        self._written: Counter[LogStream] = Counter()

    def put(self, stream: LogStream, lines: list[str]) -> None:
        """Write lines, stamped now. Raises botocore's errors, as for a stream that somebody removed."""
        left = LARGEST_STREAM_EVENTS - self._written[stream]
        self._written[stream] += len(lines)
        if left <= 0:
            return
        if len(lines) >= left:
            message = f"{LARGEST_STREAM_EVENTS} lines are here; the rest is in the log file alone."
            lines = [*lines[: left - 1], message]
        for batch in batches(lines):
            self._put(stream, batch)

    def _put(self, stream: LogStream, lines: list[str]) -> None:
        now = int(self._clock() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines]
        self._logs.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=events)


def batches(lines: list[str]) -> Iterator[list[str]]:
    """Yield lines in portions that PutLogEvents takes, in their order."""
    batch: list[str] = []
    size = 0
    for line in lines:
        more = len(line.encode()) + OVERHEAD_BYTES
        if batch and (len(batch) == LARGEST_BATCH_EVENTS or size + more > LARGEST_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += more
    if batch:
        yield batch
