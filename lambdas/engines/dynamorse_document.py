"""What of a document dynamorse's nodes can follow: everything else is refused by its name."""

from collections.abc import Iterator
from typing import Any

from lambdas.production.contribution import GRAINS
from lambdas.runtime import ports

S3 = "s3"
SOURCES = ("source-1.grains", "source-2.grains")  # in the deployment's first media bucket
FOLLOWED = {"mix": ("frameRate", "fader"), "encode": ("bitRate", "gopFrames"), "output": ("location",)}
"""By section, what its flows have a use for."""
FOLLOWED_OF_A_SOURCE = {S3: ("kind", "location"), GRAINS: ("kind", "coding")}
"""By kind; all other kinds are refused."""
INSTEAD = {
    "mix.width": "its pictures are as large as its sources, see organist grains",
    "mix.height": "its pictures are as large as its sources, see organist grains",
    "mix.fades": "its fader is moved on air, by OSC or /production/fader",
    "output.record": "its one object is $.output.location",
}
"""What does it in place of a property."""


def dynamorse_mistakes(document: dict[str, Any]) -> list[str]:
    """Return what dynamorse cannot do of a valid document, each by its JSON path."""
    sources = document.get("sources") or []
    mistakes = [*_properties(document), *_sources(sources), *_pushed(sources)]
    if sources and len(sources) != len(SOURCES):
        mistakes.append(
            f"$.sources has {len(sources)} items; expected {len(SOURCES)} with the dynamorse engine"
        )
    return mistakes


def _properties(document: dict[str, Any]) -> Iterator[str]:
    for section, followed in FOLLOWED.items():
        for name in document.get(section) or {}:
            if name not in followed:
                yield _given(f"{section}.{name}")


def _sources(sources: list[dict[str, Any]]) -> Iterator[str]:
    for number, source in enumerate(sources):
        followed = FOLLOWED_OF_A_SOURCE.get(source["kind"])
        if followed is None:
            yield (
                f'$.sources[{number}].kind is "{source["kind"]}"; expected s3 or grains with the dynamorse '
                "engine"
            )
            continue
        for name in source:
            if name not in followed:
                yield _given(f"sources[{number}].{name}")


def _pushed(sources: list[dict[str, Any]]) -> Iterator[str]:
    count = sum(source["kind"] == GRAINS for source in sources)
    if count > 1:
        yield (
            f"$.sources has {count} sources of kind {GRAINS}; expected one at the most: port "
            f"{ports.DYNAMORSE_PUSHED} takes one"
        )


def _given(path: str) -> str:
    instead = f": {INSTEAD[path]}" if path in INSTEAD else ""
    return f"$.{path} is given; expected none with the dynamorse engine, which cannot follow it{instead}"
