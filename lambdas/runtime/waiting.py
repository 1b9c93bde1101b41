"""Looking again within a call, where what is waited for is expected soon; the state machine waits beyond.

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
class Rhythm:
    """How often something is looked at, and for how long; both in seconds.

    No look begins later, so a call takes ``within`` and one look at the most.
    """

    every: float
    within: float


NODE_RED = Rhythm(every=0.25, within=5)
"""Of what Node-RED is asked: each look is a request in the VPC."""
AWS = Rhythm(every=1, within=5)
"""Of what AWS is asked, whose calls an account has only so many of."""


@dataclass(frozen=True)
class Clock:
    """What tells and passes time, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


def look_again(
    look: Callable[[], R],
    not_yet: type[OrganistError] | tuple[type[OrganistError], ...],
    rhythm: Rhythm,
    clock: Clock | None = None,
) -> R:
    """Return what a look returns; while it says "not yet", look again.

    Args:
        look: Raises one of ``not_yet``, which the last look's caller gets, or any other error, which ends it.
        not_yet: The errors that say so.
        rhythm: How often, and for how long.
        clock: The process's, without one.
    """
    passing = clock or CLOCK
    last = passing.now() + rhythm.within
    while True:
        try:
            return look()
        except not_yet:
            if passing.now() + rhythm.every > last:
                raise
        passing.sleep(rhythm.every)
