"""The watchdog: a process of its own that ends what we started, should we be killed.

It knows process groups by lines on its standard input, ``+ 1234`` and ``- 1234``. When its input ends it
kills every group that is still noted. It runs in a session of its own and ignores Ctrl-C, and uses nothing
but the standard library, so that it starts in a few milliseconds.
"""

import os
import signal
import sys


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # it ended before us


def main() -> None:
    """Read notes until the input ends, then kill what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, _, number = line.strip().partition(" ")
        if sign == "+":
            groups.add(int(number))
        elif sign == "-":
            groups.discard(int(number))
    for group in groups:
        _kill(group)


if __name__ == "__main__":
    main()
