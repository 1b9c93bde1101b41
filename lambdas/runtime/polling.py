"""Polling within a call, for what is expected soon; longer waits are a ``Retry`` of the state machine.

Noticing late was most of what the orchestration added to the time to on air. A call's own time is the bound:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lambdas.runtime.errors import OrganistError

R = TypeVar("R")


@dataclass(frozen=True)
class PollInterval:
    """How often something is polled, and for how long; all in seconds.

    No poll begins later, so a call takes ``within`` and one poll at the most.

    Attributes:
        every: Between two polls, from when the thing is expected.
        within: The polls of one call.
        before: Between two polls while it is not expected yet.
    """

    every: float
    within: float
    before: float = 0


NODE_RED = PollInterval(every=0.1, within=5)
"""Of what Node-RED is asked: each poll is a request in the VPC."""
NODE_RED_START = PollInterval(every=0.1, within=20)
"""Of a Node-RED whose image is still pulled, or that starts."""
AWS = PollInterval(every=1, within=10, before=5)
"""Of what AWS is asked, whose calls an account has only so many of."""
TERMINATION = PollInterval(every=1, within=1)
"""Of a machine that terminates: nobody needs it soon."""


@dataclass(frozen=True)
class Clock:
    """What tells and passes time, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


def poll(
    ask: Callable[[], R],
    not_yet: type[OrganistError] | tuple[type[OrganistError], ...],
    interval: PollInterval,
    *,
    expected_in: float = 0,
    clock: Clock | None = None,
) -> R:
    """Return what ``ask`` returns; while it says "not yet", ask again.

    Args:
        ask: Raises one of ``not_yet``, which is the call's own error in the end, or any other, which ends it.
        not_yet: The errors that say so.
        interval: How often, and for how long.
        expected_in: In how many seconds the thing is expected; until then it is asked less often.
        clock: The process's, without one.
    """
    passing = clock or CLOCK
    begin = passing.now()
    while True:
        try:
            return ask()
        except not_yet:
            passed = passing.now() - begin
            pause = max(interval.every, min(interval.before, expected_in - passed))
            if passed + pause > interval.within:
                raise
        passing.sleep(pause)
