"""The watchdog: a process of its own that ends what we started, should we be killed.

It knows process groups by lines on its standard input, ``+ 1234 MARK`` (the mark where it is a program's, see
``processes``) and ``- 1234``. When its input ends it kills every group that is still noted, and whatever has
left it. It runs in a session of its own and ignores Ctrl-C.
"""

import os
import signal
import sys

from local_cloud.polling import poll
from local_cloud.processes import KILL_PATIENCE_SECONDS, POLL_SECONDS, kill_marked


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # it ended before us


def main() -> None:
    """Read notes until the input ends, then kill what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    marks: dict[int, str] = {}
    for line in sys.stdin:
        sign, number, *mark = line.split()
        if sign == "+":
            marks[int(number)] = mark[0] if mark else ""
        elif sign == "-":
            marks.pop(int(number), None)
    for group in marks:
        _kill(group)
    marked = set(filter(None, marks.values()))
    poll(lambda: not kill_marked(marked), KILL_PATIENCE_SECONDS, POLL_SECONDS)


if __name__ == "__main__":
    main()
