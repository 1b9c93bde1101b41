"""Containers as threads: the Node-RED image is a double, its health check a look whether it listens."""

import itertools
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_cloud.ecs.images import ContainerCommand, ContainerHost
from local_cloud.processes import RunningProgram
from local_cloud.watchdog import Watchdog
from tests.faults.node_red_double import NodeRedDouble, serve

STOP_SECONDS = 0.08  # so long that a look meanwhile sees the task stopping
_POLL_SECONDS = 0.05
_TERMINATED = 143
LISTENS_WITHIN = 2.0  # s; a task that was stopped meanwhile never does
_listening: defaultdict[str, threading.Event] = defaultdict(threading.Event)
_NODE_RED, _HEALTH = "/node-red-double", "/node-red-double-health"
_numbers = itertools.count(1)


def node_red_image(machine: ContainerHost) -> ContainerCommand:
    """The double in place of Node-RED, on the machine's address."""
    return ContainerCommand(
        entry_point=(_NODE_RED,),
        environment={"NODE_RED_HOST": machine.address},
        health_check=(_HEALTH,),
    )


def start_thread(
    arguments: Sequence[str],
    *,
    watchdog: Watchdog,
    environment: Mapping[str, str],
    directory: Path,
    log_file: Path,
) -> RunningProgram:
    """Start the double, or its health check, in this process (a ``StartProgram``)."""
    if arguments[0] == _HEALTH:
        return _Check()
    double = NodeRedDouble(dict(environment))
    thread = _Thread(double)
    _listening[double.name].set()
    return thread


def wait_until_it_listens(name: str) -> None:
    """Wait for a machine's double: else how often it is asked would depend on how busy the computer is."""
    _listening[name].wait(LISTENS_WITHIN)


class _Thread:
    """A double that serves until it is stopped."""

    def __init__(self, double: NodeRedDouble) -> None:
        self.group = next(_numbers)
        self._server = serve(double)
        self._ended = threading.Event()
        self._stopping = threading.Lock()
        threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()

    def wait(self) -> int:
        """Wait for its end."""
        self._ended.wait()
        return _TERMINATED

    def wait_within(self, seconds: float) -> int | None:
        """Wait for its end, not for ever."""
        if self._ended.wait(seconds):
            return _TERMINATED
        self.stop(0)
        return None

    def stop(self, grace_seconds: float) -> None:
        """End it, after a moment, as a process that finishes its recording."""
        with self._stopping:
            if self._ended.is_set():
                return
            self._ended.wait(min(STOP_SECONDS, grace_seconds))
            self._server.shutdown()
            self._server.server_close()
            self._ended.set()


class _Check:
    """A health check that passes: the double listens before it is started."""

    group = 0

    def wait(self) -> int:
        """Pass at once."""
        return 0

    def wait_within(self, seconds: float) -> int | None:  # noqa: ARG002
        """Pass at once."""
        return 0

    def stop(self, grace_seconds: float) -> None:
        """Nothing runs."""
