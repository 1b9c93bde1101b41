"""What a local cloud left that was killed together with its watchdog: found and ended by the next one."""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

PREFIX = "organist-"
_LOCK = "in-use.lock"


@dataclass(frozen=True)
class StaleRun:
    """A local cloud's folder that nobody owns any more, and the processes that still worked in it."""

    folder: Path
    processes: tuple[int, ...]


@contextmanager
def own_folder() -> Iterator[Path]:
    """Yield a fresh folder for a local cloud, owned until the context is left and removed then.

    The system gives the ownership up when this process ends, in whatever way.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        taken = folder / "taken.lock"
        with taken.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # It gets its name when it is locked: nobody ever sees a folder that seems to be left.
            taken.rename(folder / _LOCK)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end_stale_runs() -> list[StaleRun]:
    """End and remove what earlier local clouds left that were killed; return what it was."""
    found = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        lock = folder / _LOCK
        if not lock.is_file() or _is_owned(lock):
            continue
        processes = tuple(_working_in(folder))
        for process in processes:
            with suppress(ProcessLookupError):  # it may end by itself meanwhile
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        found.append(StaleRun(folder, processes))
    return found


def _is_owned(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _working_in(folder: Path) -> Iterator[int]:
    # A machine's processes have its disk as their working folder.
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # it ended while we looked, or is another user's
            if Path(process.cwd()).is_relative_to(folder):
                yield process.pid
