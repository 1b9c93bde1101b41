"""Container health checks as the ECS agent and Docker make them: UNKNOWN, then HEALTHY or UNHEALTHY."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from local_cloud.ecs.task import Container


@dataclass(frozen=True)
class HealthRules:
    """A container definition's ``healthCheck``, with ECS's defaults; times in seconds."""

    interval: float
    timeout: float
    retries: int
    start_period: float

    @classmethod
    def of(cls, definition: dict[str, Any]) -> "HealthRules":
        """Read them from the ``healthCheck`` of a container definition."""
        return cls(
            interval=float(definition.get("interval") or 30),
            timeout=float(definition.get("timeout") or 5),
            retries=int(definition.get("retries") or 3),
            start_period=float(definition.get("startPeriod") or 0),
        )


def check_command(definition: dict[str, Any]) -> tuple[str, ...]:
    """The program of a ``healthCheck`` command, which begins with CMD or CMD-SHELL."""
    form, *rest = definition["command"]
    return ("/bin/sh", "-c", *rest) if form == "CMD-SHELL" else tuple(rest)


def watch_health(
    container: Container,
    rules: HealthRules,
    *,
    check: Callable[[float], bool],
    stopped: Event,
    first_seconds: float,
) -> None:
    """Check until ``stopped``, and set the container's health.

    Until a check succeeds for the first time they come every ``first_seconds``, so that a demonstration
    need not wait for a full interval; failures count once per interval and not within the start period, as
    on ECS.

    Parameters
    ----------
    check
        Makes one check within the given seconds and tells whether it succeeded.
    """
    failures = 0
    next_counted = time.monotonic() + rules.start_period + min(rules.interval, first_seconds)
    pause = min(rules.interval, first_seconds)
    while not stopped.wait(pause):
        if check(rules.timeout):
            container.health_status, failures, pause = "HEALTHY", 0, rules.interval
        elif container.health_status == "HEALTHY" or time.monotonic() >= next_counted:
            failures += 1
            next_counted = time.monotonic() + rules.interval
            if failures >= rules.retries:
                container.health_status = "UNHEALTHY"
