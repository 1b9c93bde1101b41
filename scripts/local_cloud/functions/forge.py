"""Our end of the forge (see ``forge_process``): starts it and orders workers from it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from local_cloud.errors import FunctionForgeDiedError
from local_cloud.functions.forge_process import ANSWER, ORDER
from local_cloud.guardian import Guardian

FORGE_PROCESS = Path(__file__).with_name("forge_process.py")


class Worker:
    """A worker process and the connection to it."""

    def __init__(self, forge: "Forge", process_id: int, connection: Connection) -> None:
        self._forge = forge
        self._process_id = process_id
        self.connection = connection

    def kill(self) -> int:
        """End it, whatever it does, and everything that it started; gives its wait status."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process_id, signal.SIGKILL)
        return self._forge.wait_for(self._process_id)

    def bury(self) -> int:
        """It has ended by itself: its wait status."""
        self.connection.close()
        return self._forge.wait_for(self._process_id)


class Forge:
    """Forks workers. Safe to use from many threads."""

    def __init__(self, guardian: Guardian, log_file: Path) -> None:
        self._guardian = guardian
        self._lock = threading.Lock()
        self._orders, theirs = socket.socketpair()
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(FORGE_PROCESS), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guardian.note(self._process.pid)
        theirs.close()

    def new_worker(self) -> Worker:
        """Fork a worker, which waits to be told what function it is; ``FunctionForgeDiedError``."""
        ours, theirs = socket.socketpair()
        try:
            process_id = self._order(b"F", 0, theirs.fileno())
        except FunctionForgeDiedError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._guardian.note(process_id)
        return Worker(self, process_id, Connection(ours.detach()))

    def wait_for(self, process_id: int) -> int:
        """Wait for a worker's end (two seconds, then it is killed); gives its wait status."""
        status = self._order(b"W", process_id)
        self._guardian.forget(process_id)
        return status

    def close(self) -> None:
        """End the forge; its workers must have ended before."""
        self._orders.close()
        self._process.kill()  # it holds nothing, and may still be loading
        self._process.wait()
        self._guardian.forget(self._process.pid)

    def _order(self, order: bytes, number: int, *descriptors: int) -> int:
        with self._lock:
            try:
                socket.send_fds(self._orders, [ORDER.pack(order, number)], list(descriptors))
                answer = self._orders.recv(ANSWER.size, socket.MSG_WAITALL)
            except OSError as error:
                raise FunctionForgeDiedError(
                    f"The forge of function workers does not answer: {error}"
                ) from error
        if len(answer) < ANSWER.size:
            raise FunctionForgeDiedError(
                "The forge of function workers has ended; see logs/lambda/forge.log."
            )
        return int(ANSWER.unpack(answer)[0])
