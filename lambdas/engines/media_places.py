"""Where a production's pictures come from and go to: what each engine can do, and what it does unasked."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lambdas.engines.dynamorse_document import S3, SOURCES, dynamorse_mistakes
from lambdas.modules.catalogue import Engine
from lambdas.production.contribution import GRAINS, RTP, listening_port, source_name
from lambdas.production.destinations import SECRETS, destination_mistakes
from lambdas.production.quoting import HIDDEN

STORE = "s3://"
OF_ONE_KIND = {"versionId": S3, "sdp": RTP}  # elsewhere they would be passed over in silence


def source_mistakes(document: dict[str, Any], engine: Engine) -> list[str]:
    """Return what the engine cannot do of a valid document, or what of its places contradicts itself."""
    sources = document.get("sources") or []
    destinations = document.get("output", {}).get("destinations") or []
    if engine is Engine.MEDIA:
        return [
            *_grains(sources),
            *_same_names(sources),
            *_named_ports(sources),
            *_misplaced(sources),
            *destination_mistakes(destinations, document.get("encode", {}).get("codec", "h264")),
        ]
    return dynamorse_mistakes(document)


def foreign_secrets(document: dict[str, Any], stack: str) -> list[str]:
    """Return which sources and destinations of a valid document name a secret that is not the stack's.

    Args:
        document: The document.
        stack: The stack's name, or empty where there is none to compare with.
    """
    own = f"organist/{stack}/"
    named = {
        "sources": document.get("sources") or [],
        "output.destinations": document.get("output", {}).get("destinations") or [],
    }
    return [
        f"$.{section}[{number}].{name} is {HIDDEN}; expected a name that begins with {own}, "
        "which the machines of this stack may read"
        for section, items in named.items()
        for number, item in enumerate(items)
        for name in SECRETS
        if stack and name in item and not item[name].startswith(own)
    ]


def _grains(sources: list[dict[str, Any]]) -> Iterator[str]:
    for number, source in enumerate(sources):
        if source["kind"] == GRAINS:
            yield f'$.sources[{number}].kind is "{GRAINS}"; expected another with the media engine'
        elif "coding" in source:
            yield f"$.sources[{number}].coding is given; expected none, or kind {GRAINS}"


def _same_names(sources: list[dict[str, Any]]) -> Iterator[str]:
    counted = Counter(source_name(number, source) for number, source in enumerate(sources, start=1))
    for name, count in counted.items():
        if count > 1:
            yield f'$.sources has {count} sources with the name "{name}"; expected a name of its own for each'


def _named_ports(sources: list[dict[str, Any]]) -> Iterator[str]:
    for number, source in enumerate(sources, start=1):
        port = listening_port(number, source)
        if port is None:
            continue
        for name in ("address", "port", "passphraseSecret"):
            if name in source:
                yield (
                    f"$.sources[{number - 1}].{name} is given, and this source waits for its sender, on port "
                    f"{port}; expected none, or kind srt with mode caller"
                )


def _misplaced(sources: list[dict[str, Any]]) -> Iterator[str]:
    for number, source in enumerate(sources):
        for name, kind in OF_ONE_KIND.items():
            if name in source and source["kind"] != kind:
                yield f"$.sources[{number}].{name} is given; expected none, or kind {kind}"


def missing_places(document: dict[str, Any], engine: Engine, media_bucket: str) -> list[str]:
    """Return the places that a dynamorse document leaves out and that nothing stands in for.

    Args:
        document: The document.
        engine: The production's engine.
        media_bucket: The deployment's first one, or empty.
    """
    if engine is Engine.MEDIA or media_bucket:
        return []
    there = {
        "$.sources": "sources" in document,
        "$.output.location": "location" in document.get("output", {}),
    }
    return [
        f"{path} is missing; expected s3://bucket/key, or a deployment with --media-buckets"
        for path, named in there.items()
        if not named
    ]


def fill_places(
    document: dict[str, Any], engine: Engine, media_bucket: str, production_id: str
) -> dict[str, Any]:
    """Return the document with dynamorse's places filled in: two sources, and a key for the recording."""
    if engine is Engine.MEDIA:
        return document
    sources = [{"kind": S3, "location": f"{STORE}{media_bucket}/{key}"} for key in SOURCES]
    output = {"location": f"{STORE}{media_bucket}/encoded-{production_id}.h264"}
    return {"sources": sources} | document | {"output": output | document.get("output", {})}
