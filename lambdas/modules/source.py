"""What a source of modules is: something that may have a module's tarball."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Tarball:
    """A module's packed file: its version, and the URL where a machine fetches it."""

    version: str
    url: str


class ModuleSource(Protocol):
    """Something that may have a module."""

    def find(self, name: str, version: str | None) -> Tarball | None:
        """Return a module's tarball in a version, the newest when it is None; None if it is not there."""


class Nowhere:
    """The source of a deployment that names none."""

    def find(self, name: str, version: str | None) -> Tarball | None:  # noqa: ARG002 - the protocol's
        """Return None: there is no such module."""
        return None

    def __str__(self) -> str:
        """Say so."""
        return "no module source (the deployment's ModuleSource is empty)"
