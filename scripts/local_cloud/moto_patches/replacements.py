"""Replaces names in moto while a local cloud runs, and puts the old ones back afterwards."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from local_cloud.errors import MotoChangedError

_ABSENT = object()


class Replacements(AbstractContextManager["Replacements"]):
    """Remembers what stood where; leaving it restores everything, the last first."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def replace(self, owner: Any, name: str, value: Any) -> Any:
        """Put ``value`` in place of an attribute of a class or module and return what stood there.

        Raises ``MotoChangedError`` when there is no such attribute, as after an upgrade of moto.
        """
        before = vars(owner).get(name, _ABSENT)
        if before is _ABSENT:
            where = getattr(owner, "__qualname__", None) or owner.__name__
            raise MotoChangedError(
                f"moto has no {where}.{name} any more: compare local_cloud.moto_adapter with the installed "
                "moto, whose version the lock file should pin to 5.2.5."
            )
        setattr(owner, name, value)
        self._before.append((owner, name, before))
        return before

    def add(self, owner: Any, name: str, value: Any) -> None:
        """Add an attribute that a class lacks; ``MotoChangedError`` if an upgrade of moto has added it."""
        if hasattr(owner, name):
            raise MotoChangedError(
                f"moto has {owner.__qualname__}.{name} now: see whether ours is still needed."
            )
        setattr(owner, name, value)
        self._before.append((owner, name, _ABSENT))

    def set_item(self, owner: dict[str, Any], name: str, value: Any) -> None:
        """Put ``value`` at a key of a dictionary of moto's; ``MotoChangedError`` if it has no such key."""
        if name not in owner:
            raise MotoChangedError(f"moto's configuration has no {name!r} any more.")
        before = owner[name]
        owner[name] = value
        self._before.append((owner, name, before))

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._before:
            owner, name, before = self._before.pop()
            if isinstance(owner, dict):
                owner[name] = before
            elif before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
