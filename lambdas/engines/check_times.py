"""When a production on air is checked: often while it is young, and never too often for its history.

An execution's history has at most 25,000 events:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from math import ceil

YOUNG_SECONDS = 120
YOUNG_CHECK_SECONDS = 10
CHECK_SECONDS = 30
MOST_CHECKS = 1000  # a check is 14 history events, a call that is tried again 3 more


def steady_check_seconds(run_seconds: int) -> int:
    """Return the seconds between two checks of a production that is young no more."""
    return max(CHECK_SECONDS, ceil(run_seconds / MOST_CHECKS))


def seconds_to_next_check(elapsed: float, remaining: int, steady: int) -> int:
    """Return how long to wait on air.

    Args:
        elapsed: The time on air so far, in seconds.
        remaining: What is left of it, in seconds.
        steady: As ``steady_check_seconds`` gives it.
    """
    return max(1, min(remaining, YOUNG_CHECK_SECONDS if elapsed < YOUNG_SECONDS else steady))


def expected_checks(run_seconds: int) -> int:
    """Return how many checks a production of so many seconds has."""
    young = ceil(min(run_seconds, YOUNG_SECONDS) / YOUNG_CHECK_SECONDS)
    return young + ceil(max(0, run_seconds - YOUNG_SECONDS) / steady_check_seconds(run_seconds))
