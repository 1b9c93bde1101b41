"""Which processes belong to a command, and waiting until none of them is left."""

import os
import subprocess
import time

import pytest

GONE_SECONDS = 15.0


def with_descendants(pid: int) -> set[int]:
    """Give a process and all that descend from it, those in sessions of their own too."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)  # noqa: S607
    children: dict[int, list[int]] = {}
    for line in listed.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found, to_visit = set(), [pid]
    while to_visit:
        current = to_visit.pop()
        found.add(current)
        to_visit += children.get(current, [])
    return found


def wait_until_all_are_gone(pids: set[int]) -> None:
    """Fail if one of the processes still runs after a deadline."""
    deadline = time.monotonic() + GONE_SECONDS
    while left := {pid for pid in pids if _runs(pid)}:
        if time.monotonic() > deadline:
            shown = ["ps", "-o", "pid,ppid,stat,args", "-p", ",".join(map(str, left))]
            pytest.fail(
                "left behind:\n" + subprocess.run(shown, capture_output=True, text=True, check=False).stdout
            )
        time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")
