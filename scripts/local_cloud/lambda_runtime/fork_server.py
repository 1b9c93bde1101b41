"""Our end of the fork server (see ``fork_server_process``): starts it and orders workers from it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from local_cloud.errors import ForkServerDiedError
from local_cloud.lambda_runtime.fork_server_process import ANSWER, ORDER
from local_cloud.watchdog import Watchdog

FORK_SERVER_PROCESS = Path(__file__).with_name("fork_server_process.py")


class Worker:
    """A worker process and the connection to it."""

    def __init__(self, fork_server: "ForkServer", process_id: int, connection: Connection) -> None:
        self._fork_server = fork_server
        self._process_id = process_id
        self.connection = connection

    def kill(self) -> int:
        """End it, whatever it does, and everything that it started; return its wait status."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process_id, signal.SIGKILL)
        return self._fork_server.wait_for(self._process_id)

    def bury(self) -> int:
        """It has ended by itself: its wait status."""
        self.connection.close()
        return self._fork_server.wait_for(self._process_id)


class ForkServer:
    """Forks workers. Safe to use from many threads."""

    def __init__(self, watchdog: Watchdog, log_file: Path) -> None:
        self._watchdog = watchdog
        self._lock = threading.Lock()
        self._orders, theirs = socket.socketpair()
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(FORK_SERVER_PROCESS), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        watchdog.note(self._process.pid)
        theirs.close()

    def new_worker(self) -> Worker:
        """Fork a worker, which waits to be told what function it is; ``ForkServerDiedError``."""
        ours, theirs = socket.socketpair()
        try:
            process_id = self._order(b"F", 0, theirs.fileno())
        except ForkServerDiedError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._watchdog.note(process_id)
        return Worker(self, process_id, Connection(ours.detach()))

    def wait_for(self, process_id: int) -> int:
        """Wait for a worker's end (two seconds, then it is killed); return its wait status."""
        status = self._order(b"W", process_id)
        self._watchdog.forget(process_id)
        return status

    def close(self) -> None:
        """End the fork server; its workers must have ended before."""
        self._orders.close()
        self._process.kill()  # it holds nothing, and may still be loading
        self._process.wait()
        self._watchdog.forget(self._process.pid)

    def _order(self, order: bytes, number: int, *descriptors: int) -> int:
        with self._lock:
            try:
                socket.send_fds(self._orders, [ORDER.pack(order, number)], list(descriptors))
                answer = self._orders.recv(ANSWER.size, socket.MSG_WAITALL)
            except OSError as error:
                raise ForkServerDiedError(
                    f"The fork server of function workers does not answer: {error}"
                ) from error
        if len(answer) < ANSWER.size:
            raise ForkServerDiedError(
                "The fork server of function workers has ended; see logs/lambda/fork-server.log."
            )
        return int(ANSWER.unpack(answer)[0])
