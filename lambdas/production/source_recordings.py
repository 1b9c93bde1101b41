"""Which sources of a production are recorded by themselves, and how their recordings are called."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdas.production.contribution import source_name

_NO_NAME = re.compile(r"[^a-z0-9]+")


def recorded_sources(document: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return number and name of each source that ``output.recordSources`` asks for.

    Args:
        document: A valid document with its defaults.
    """
    asked = document["output"].get("recordSources", False)
    named = [(number, source_name(number, source)) for number, source in _numbered(document)]
    if isinstance(asked, bool):
        return named if asked else []
    return [(number, name) for number, name in named if name in asked]


def unknown_sources(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what ``output.recordSources`` asks for and no source is called.

    Args:
        document: A valid document with its defaults.
    """
    asked = document["output"].get("recordSources", False)
    names = [source_name(number, source) for number, source in _numbered(document)]
    for place, name in enumerate(asked if isinstance(asked, list) else []):
        if name not in names:
            known = ", ".join(f'"{one}"' for one in names)
            yield f'$.output.recordSources[{place}] is "{name}"; expected the name of a source: {known}'


def recording_name(number: int, name: str) -> str:
    """Return the name of a source's recording: its number, and of its name what every file system bears.

    Args:
        number: Its place in the document, from 1.
        name: What it is called.
    """
    readable = _NO_NAME.sub("-", name.lower()).strip("-")
    return f"{number}-{readable}.mp4" if readable else f"{number}.mp4"


def _numbered(document: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return enumerate(document["sources"], start=1)
