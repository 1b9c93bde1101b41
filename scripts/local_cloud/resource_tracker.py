"""The books: what was started, what was removed, what is left."""

import threading
from dataclasses import dataclass

KINDS = ("instances", "container instances", "tasks", "processes")


@dataclass(frozen=True)
class ResourceCount:
    """How many things of one kind were started, were removed again, and are left."""

    started: int
    removed: int
    left: int


class ResourceTracker:
    """Notes every start and every removal by id, so that nothing counts twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self._removed: dict[str, set[str]] = {kind: set() for kind in KINDS}

    def started(self, kind: str, identity: str) -> None:
        """Note that the thing ``identity`` of ``kind`` (one of KINDS) exists from now on."""
        with self._lock:
            self._started[kind].add(identity)

    def removed(self, kind: str, identity: str) -> None:
        """Note that the thing is gone; a thing that was never started is not counted."""
        with self._lock:
            if identity in self._started[kind]:
                self._removed[kind].add(identity)

    def counts(self) -> dict[str, ResourceCount]:
        """The count of every kind."""
        with self._lock:
            return {
                kind: ResourceCount(
                    started=len(self._started[kind]),
                    removed=len(self._removed[kind]),
                    left=len(self._started[kind] - self._removed[kind]),
                )
                for kind in KINDS
            }
