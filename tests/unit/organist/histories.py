"""Step Functions with one execution whose history is read in pages, as AWS gives it."""

from collections.abc import Iterator
from typing import Any


class History:
    """An execution that grows from poll to poll, and counts what is read of it.

    Args:
        polls: The events that come with each poll; with the last the execution has ended.
        described: What DescribeExecution says beside the status.
    """

    def __init__(self, *polls: list[dict[str, Any]], status: str = "SUCCEEDED", **described: Any) -> None:
        self._polls = list(polls)
        self._events: list[dict[str, Any]] = []
        self._status, self._described = status, described
        self.calls = self.events_read = 0

    def describe_execution(self, **_: str) -> dict[str, Any]:
        self.calls += 1
        if self._polls:
            self._events += self._polls.pop(0)
        return {"status": "RUNNING" if self._polls else self._status, **self._described}

    def get_paginator(self, name: str) -> "History":
        assert name == "get_execution_history"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        events = self._events[::-1] if asked.get("reverseOrder") else self._events
        size = asked["PaginationConfig"]["PageSize"]
        for start in range(0, max(len(events), 1), size):
            self.calls += 1
            page = events[start : start + size]
            self.events_read += len(page)
            yield {"events": page}
