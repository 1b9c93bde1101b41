"""Process groups: started under the watchdog's eye, ended as a whole."""

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from local_cloud.polling import poll
from local_cloud.watchdog import Watchdog

MARK = "ORGANIST_PROGRAM"
"""In a program's environment, and so in that of all it starts: also of what leaves its process group."""

# Notes its own process group with the watchdog, then becomes the program: nothing runs unnoted.
_INTRODUCTION = (
    "import os, sys; watchdog = int(sys.argv[1]);"
    f"os.write(watchdog, b'+ %d %s\\n' % (os.getpid(), os.environb[b'{MARK}'])); os.close(watchdog);"
    "os.execv(sys.argv[2], sys.argv[2:])"
)
KILL_PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.02


def living_members(group: int) -> list[int]:
    """Return the processes of a group that still run; zombies, which only wait for their parent, do not."""
    return [process_id for process_id in psutil.pids() if _lives_in(group, process_id)]


def _lives_in(group: int, process_id: int) -> bool:
    try:
        return os.getpgid(process_id) == group and _lives(psutil.Process(process_id))
    except (ProcessLookupError, PermissionError, psutil.Error):
        return False  # it ended while we looked, or is another user's


def kill_marked(marks: Collection[str]) -> bool:
    """Kill the processes that have one of these marks; return whether there was any that still ran.

    A container's processes end with its first one, whatever group or session they are in: Docker ends its
    PID namespace, https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
    """
    found = False
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # it ended while we looked, or is another user's
            if process.environ().get(MARK) in marks and _lives(process):
                found = True
                process.kill()
    return found


def _lives(process: psutil.Process) -> bool:
    return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


class RunningProgram(Protocol):
    """A container's program while it runs; ``ProcessGroup`` says what each means."""

    @property
    def group(self) -> int:
        """The id of its process group."""

    def wait(self) -> int:
        """Wait for its end; return its exit code."""

    def wait_within(self, seconds: float) -> int | None:
        """As ``wait``, for at most ``seconds``; then it is killed and the answer is None."""

    def stop(self, grace_seconds: float) -> None:
        """End it; returns when it has ended."""


class StartProgram(Protocol):
    """Starts a container's program: ``start_group``, or what stands in for it."""

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        watchdog: Watchdog,
        environment: Mapping[str, str],
        directory: Path,
        log_file: Path,
    ) -> RunningProgram:
        """See ``start_group``."""


class ProcessGroup:
    """One program and everything that it starts, as a unit that ends together."""

    def __init__(self, process: "subprocess.Popen[bytes]", mark: str, watchdog: Watchdog) -> None:
        self._process = process
        self._mark = mark
        self._watchdog = watchdog
        self._ending = threading.Lock()
        self._ended = False

    @property
    def group(self) -> int:
        """The process group's number, which is also the first process's."""
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the group."""
        if not self._ended:
            try:
                os.killpg(self.group, number)
            except ProcessLookupError:
                return  # nobody left to hear it

    def wait(self) -> int:
        """Wait for the first process to end, end what it left behind, return its exit code.

        The code is the shell's and Docker's: 128 + N for a process that signal N ended.
        """
        code = self._process.wait()
        self._sweep()
        return 128 - code if code < 0 else code

    def wait_within(self, seconds: float) -> int | None:
        """As ``wait``, for at most ``seconds``; then the group is killed and the answer is None."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop(0)
            return None
        return self.wait()

    def stop(self, grace_seconds: float) -> None:
        """SIGTERM, then SIGKILL for what still runs ``grace_seconds`` later; returns when all has ended."""
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self._process.wait()
        self._sweep()

    def _sweep(self) -> None:
        # A container's processes end with its first one; so do these.
        with self._ending:
            if self._ended:
                return
            poll(self._killed, KILL_PATIENCE_SECONDS, POLL_SECONDS)
            self._watchdog.forget(self.group)
            self._ended = True

    def _killed(self) -> bool:
        if living_members(self.group):
            self.signal(signal.SIGKILL)
            return False
        return not kill_marked([self._mark])


def start_group(
    arguments: Sequence[str],
    *,
    watchdog: Watchdog,
    environment: Mapping[str, str],
    directory: Path,
    log_file: Path,
) -> ProcessGroup:
    """Start a program in a process group of its own, its output appended to ``log_file``.

    Raises ``OSError`` when there is no such program or directory.
    """
    if not Path(arguments[0]).is_absolute():
        raise FileNotFoundError(f"{arguments[0]} is not an absolute path to a program")
    if not os.access(arguments[0], os.X_OK):
        raise FileNotFoundError(f"There is no program {arguments[0]}")
    log_file.parent.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(8)
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _INTRODUCTION, str(watchdog.descriptor), *arguments],
            env={**environment, MARK: mark},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[watchdog.descriptor],
            start_new_session=True,
        )
    return ProcessGroup(process, mark, watchdog)


def system_path(*first: Path) -> str:
    """A PATH with the given folders first, then those of a plain system."""
    folders = [str(folder) for folder in first]
    return os.pathsep.join([*folders, str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
