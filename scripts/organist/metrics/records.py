"""The documents as they are received: one record each, numbered, the same in memory and in the file."""

from dataclasses import dataclass
from typing import Any


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
