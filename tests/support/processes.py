"""Looking at the processes of this computer."""

from contextlib import suppress

import psutil
import pytest

from tests.support.waiting import wait_until

GONE_SECONDS = 15.0


def runs(process_id: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return bool(psutil.Process(process_id).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD))
    except psutil.NoSuchProcess:
        return False


def children_of(process_id: int) -> set[int]:
    """Return the processes whose parent is this one."""
    return {child.pid for child in psutil.Process(process_id).children()}


def with_descendants(process_id: int) -> set[int]:
    """Return a process and all that descend from it, those in sessions of their own too."""
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(process_id).children(recursive=True)
        return {process_id, *(child.pid for child in children)}
    return {process_id}


def wait_until_all_are_gone(process_ids: set[int]) -> None:
    """Fail with what the processes are if one of them still runs after a deadline."""

    def left() -> list[str]:
        return [_described(process_id) for process_id in process_ids if runs(process_id)]

    try:
        wait_until(lambda: not left(), GONE_SECONDS)
    except pytest.fail.Exception:
        pytest.fail("left behind:\n" + "\n".join(left()))


def _described(process_id: int) -> str:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(process_id)
        return f"{process_id}, of {process.ppid()}, {process.status()}: {' '.join(process.cmdline())}"
    return f"{process_id}, which ended just now"
