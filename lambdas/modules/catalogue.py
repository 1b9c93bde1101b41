"""Short names of modules, and what a production has to install."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE_FILE = Path(__file__).parent / "catalogue.json"


class Engine(StrEnum):
    """Whose nodes mix and encode."""

    MEDIA = "media"
    DYNAMORSE = "dynamorse"


class Source(StrEnum):
    """Where a catalogue module comes from."""

    IMAGE = "image"  # comes with the container image
    NPM = "npm"
    NONE = "none"  # on no public registry any more


@dataclass(frozen=True)
class CatalogueEntry:
    """One short name: the full npm name, the pinned version, where it comes from, whose flows need it."""

    name: str
    source: Source
    engine: Engine
    version: str | None = None


@dataclass(frozen=True)
class Module:
    """A module to install: full npm name, and the version or the tarball's URL where one is asked for."""

    name: str
    version: str | None = None
    url: str | None = None


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return the catalogue by short name, as ``catalogue.json`` has it."""
    entries: dict[str, dict[str, Any]] = json.loads(CATALOGUE_FILE.read_text())
    return {
        short_name: CatalogueEntry(
            name=entry["name"],
            source=Source(entry["source"]),
            engine=Engine(entry["engine"]),
            version=entry.get("version"),
        )
        for short_name, entry in entries.items()
    }


def resolve_module(asked: str | dict[str, str]) -> Module:
    """Return the module that an input's ``modules`` item means.

    Args:
        asked: A short name, a full npm name, or ``{"name", "version", "url"}``. What the item leaves out
            comes from the catalogue.
    """
    asked_for = {"name": asked} if isinstance(asked, str) else asked
    known = find_entry(asked_for["name"])
    return Module(
        name=known.name if known else asked_for["name"],
        version=asked_for.get("version") or (known.version if known else None),
        url=asked_for.get("url"),
    )


def find_entry(name: str) -> CatalogueEntry | None:
    """Return the catalogue's entry of a short name or a full npm name, or None."""
    entries = catalogue()
    return entries.get(name) or next((entry for entry in entries.values() if entry.name == name), None)


def choose_engine(asked: Sequence[str | dict[str, str]]) -> Engine:
    """Return the engine that a list of modules means: dynamorse when it names one of dynamorse's."""
    entries = (find_entry(item if isinstance(item, str) else item["name"]) for item in asked)
    return Engine.DYNAMORSE if any(e and e.engine is Engine.DYNAMORSE for e in entries) else Engine.MEDIA


def modules_to_install(asked: Sequence[str | dict[str, str]], engine: Engine) -> list[Module]:
    """Return what to install on a machine, in order: what the media engine's flows need comes first."""
    modules = [resolve_module(item) for item in asked]
    if engine is Engine.MEDIA:
        needed = resolve_module("media")
        if all(module.name != needed.name for module in modules):
            modules.insert(0, needed)
    return modules
