"""Keeps what is received: every document in a file, the latest also in memory for those who look."""

import json
import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from organist.metrics.errors import NoJsonDocument, NotKept

REMEMBERED = 12_000  # records: about an hour of a production with two machines


@dataclass(frozen=True)
class Record:
    """One document: its ``number`` (from 1, in the order of arrival), when (ISO 8601) and where it came."""

    number: int
    received: str
    path: str
    document: dict[str, Any]

    @property
    def kept(self) -> dict[str, Any]:
        """What stands in the file for it, a line a record."""
        return {"received": self.received, "path": self.path, "document": self.document}


class Documents:
    """All documents of a run, in the file ``path``, a line of JSON each: received, path, document.

    Safe to use from several threads.

    Args:
        now: Tells the time.
        remembered: How many records stay in memory.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        remembered: int = REMEMBERED,
    ) -> None:
        self.path = path
        self.refused = 0
        self.now = now
        self._latest: deque[Record] = deque(maxlen=remembered)
        self._count = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin the file anew; ``OSError`` where it cannot be written."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Without a buffer: a run that is killed leaves what it has seen, and a full disk is seen at once.
        self._file = self.path.open("wb", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    @property
    def count(self) -> int:
        """How many documents were kept."""
        return self._count

    def add(self, path: str, body: bytes) -> None:
        """Keep the document of one request; ``NoJsonDocument`` if it is none, ``NotKept`` on a full disk."""
        document = read_document(body)
        with self._lock:
            record = Record(self._count + 1, self.now().isoformat(timespec="milliseconds"), path, document)
            try:
                self._file.write(f"{json.dumps(record.kept)}\n".encode())
            except OSError as error:
                raise NotKept(f"{self.path} cannot be written: {error}.") from error
            self._latest.append(record)
            self._count = record.number

    def refuse(self) -> None:
        """Count one that is not kept."""
        with self._lock:
            self.refused += 1

    def after(self, number: int) -> list[Record]:
        """Return the remembered records that came after the one of that number, in order."""
        with self._lock:
            wanted = min(self._count - number, len(self._latest))
            return [self._latest[index - wanted] for index in range(wanted)] if wanted > 0 else []


def read_document(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a request's body is; ``NoJsonDocument`` otherwise."""
    try:
        document = json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NoJsonDocument(f"Expected a JSON object in UTF-8, but: {error}.") from error
    if not isinstance(document, dict):
        raise NoJsonDocument(f"Expected a JSON object, not a {type(document).__name__}.")
    return document


def _finite(text: str) -> float:
    value = float(text)
    # 1e999 is JSON, but what it becomes is not.
    return value if math.isfinite(value) else _no_number(text)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON has")
