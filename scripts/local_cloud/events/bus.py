"""Brings events to the functions whose rules match them, and calls functions on a schedule.

A function called for an event is called again when it fails, twice, as Lambda does with asynchronous calls:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]
Call = Callable[[str, Event], bool]
"""Calls the function of that name with an event; return whether it went well."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Rule:
    matches: Callable[[Event], bool]
    function: str


class EventBus:
    """The account's default event bus and its scheduler, while it is open.

    Args:
        minute: The length (s) of a minute of schedules, and of Lambda's wait before another try.
        latency: How long (s) an event is on its way.
    """

    def __init__(self, call: Call, *, region: str, account: str, minute: float, latency: float = 0.0) -> None:
        self._call = call
        self._region, self._account = region, account
        # Lambda waits one minute before the second try and two before the third.
        self._pauses = (latency, minute, 2 * minute)
        self._minute = minute
        self._rules: list[_Rule] = []
        self._closed = threading.Event()

    def add_rule(self, matches: Callable[[Event], bool], function: str) -> None:
        """From now on call the function for every event that matches."""
        self._rules.append(_Rule(matches, function))

    def add_schedule(self, minutes: float, function: str) -> None:
        """Call the function every so many minutes, first after that time."""
        threading.Thread(target=self._run_schedule, args=(minutes, function), daemon=True).start()

    def publish(self, source: str, detail_type: str, resources: list[str], detail: Event) -> None:
        """Bring an event to everybody whose rule matches, without waiting for them."""
        if self._closed.is_set():
            return
        event = self._envelope(source, detail_type, resources, detail)
        for rule in self._rules:
            if rule.matches(event):
                threading.Thread(target=self._deliver, args=(rule.function, event), daemon=True).start()

    def close(self) -> None:
        """Bring nothing more; what is under way goes on."""
        self._closed.set()

    def _envelope(self, source: str, detail_type: str, resources: list[str], detail: Event) -> Event:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": self._account,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._region,
            "resources": resources,
            "detail": detail,
        }

    def _deliver(self, function: str, event: Event) -> None:
        for pause in self._pauses:
            if self._closed.wait(pause):
                return
            if self._call(function, event):
                return
        _log.error("%s failed %d times for %s", function, len(self._pauses), event["detail-type"])

    def _run_schedule(self, minutes: float, function: str) -> None:
        while not self._closed.wait(minutes * self._minute):
            self._deliver(function, self._envelope("aws.events", "Scheduled Event", [], {}))
