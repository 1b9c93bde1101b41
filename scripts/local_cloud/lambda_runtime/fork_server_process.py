"""The fork server: a single-threaded process with boto3 loaded that forks workers in a few milliseconds.

It takes orders on the socket whose number is its argument: ``F`` with a descriptor forks a worker that
serves that connection and answers its process id; ``W`` and a process id waits for that worker's end and
answers its wait status. It ends when the socket does.

A fork server of our own rather than multiprocessing's, which would load the main program of whoever runs
the local cloud (pytest, say) into every worker.
"""

import contextlib
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

ORDER = struct.Struct("!ci")
ANSWER = struct.Struct("!i")
_PATIENCE_SECONDS = 2.0
_PRELOADED = ("boto3", "botocore.httpsession", "requests", "jsonschema", "aws_lambda_powertools")


def main() -> None:
    """Follow orders until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    for name in _PRELOADED:
        __import__(name)
    from local_cloud.lambda_runtime.worker import serve  # noqa: PLC0415 - only now can it be found

    orders = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, ORDER.size, 1)
        if not message:
            return
        order, number = ORDER.unpack(message)
        if order == b"W":
            orders.sendall(ANSWER.pack(_wait(number)))
            continue
        worker = os.fork()
        if worker == 0:
            orders.close()
            os.setpgid(0, 0)
            os._exit(_serve(serve, Connection(descriptors[0])))
        os.close(descriptors[0])
        orders.sendall(ANSWER.pack(worker))


def _serve(serve: Callable[[Connection], None], connection: Connection) -> int:
    # The exit code for os._exit: tearing a whole interpreter down takes the better part of a second.
    try:
        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            serve(connection)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _wait(worker: int) -> int:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found, status = os.waitpid(worker, os.WNOHANG)
        if found:
            return status
        time.sleep(0.005)
    os.kill(worker, signal.SIGKILL)
    return os.waitpid(worker, 0)[1]


if __name__ == "__main__":
    main()
