"""Follows log files while they grow, in a thread of its own, and hands on their lines in batches."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local_cloud.logs.streams import LogStream

INTERVAL_SECONDS = 0.25
LARGEST_LINE = 262_118
"""Bytes of an event in CloudWatch Logs without its own 26; the awslogs driver cuts a longer line into pieces.
https://docs.docker.com/engine/logging/drivers/awslogs/"""
_READ_BYTES = 1 << 20

Put = Callable[[LogStream, list[str]], None]
"""Takes lines for a stream, oldest first."""


@dataclass
class _Followed:
    path: Path
    stream: LogStream
    offset: int
    end: int | None = None
    """Where the file ends for this stream; None while it grows."""
    rest: bytes = b""

    def read(self) -> tuple[list[str], bool]:
        """Return new whole lines, and whether there is nothing more to come."""
        new = self._read_bytes()
        ended = self.end is not None and (not new or self.offset >= self.end)
        *whole, self.rest = (self.rest + new).split(b"\n")
        if ended or len(self.rest) > LARGEST_LINE:
            whole, self.rest = [*whole, self.rest], b""
        lines = [piece for line in whole for piece in _pieces(line)]
        return lines, ended

    def _read_bytes(self) -> bytes:
        size = _READ_BYTES if self.end is None else min(_READ_BYTES, self.end - self.offset)
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                new = file.read(size)
        except FileNotFoundError:
            new = b""  # nothing was written yet
        self.offset += len(new)
        return new


class LogFollower:
    """Reads what is new a few times a second. Safe to use from many threads.

    Whoever writes a log notices nothing of it. The lines of one file go to one stream at a time.
    """

    def __init__(self, put: Put, interval: float = INTERVAL_SECONDS) -> None:
        """Prepare; ``start`` begins to follow."""
        self._put = put
        self._interval = interval
        self._lock = threading.Lock()
        self._files: list[_Followed] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="log follower", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def follow(self, path: Path, stream: LogStream) -> None:
        """Hand on what is written to a file from now on; the file need not exist yet."""
        with self._lock:
            size = _size(path)
            self._end(path, size)
            self._files.append(_Followed(path, stream, offset=size))

    def end(self, path: Path) -> None:
        """Nothing more will be written to a file; what was is still handed on."""
        with self._lock:
            self._end(path, _size(path))

    def close(self) -> None:
        """Hand on what is left, and end."""
        self._closed.set()
        self._thread.join()
        with self._lock:
            for followed in self._files:
                self._end(followed.path, _size(followed.path))
        while self._round():
            pass

    def _end(self, path: Path, size: int) -> None:
        for followed in self._files:
            if followed.path == path and followed.end is None:
                followed.end = size

    def _follow(self) -> None:
        while not self._closed.wait(self._interval):
            self._round()

    def _round(self) -> bool:
        with self._lock:
            files = list(self._files)
        for followed in files:
            lines, ended = followed.read()
            if lines:
                self._put(followed.stream, lines)
            if ended:
                with self._lock:
                    self._files.remove(followed)
        return bool(files)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _pieces(line: bytes) -> list[str]:
    # An empty line is no event.
    return [
        line[begin : begin + LARGEST_LINE].decode(errors="replace")
        for begin in range(0, len(line), LARGEST_LINE)
    ]
