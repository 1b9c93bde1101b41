"""Where a production's pictures come from and go to: what each engine can do, and what it does unasked."""

from typing import Any

from lambdas.modules.catalogue import Engine

S3 = "s3"
STORE = "s3://"
SOURCES = ("source-1.mp4", "source-2.mp4")  # in the deployment's first media bucket


def source_mistakes(document: dict[str, Any], engine: Engine) -> list[str]:
    """Return which sources of a valid document the engine cannot play."""
    expected = "s3" if engine is Engine.DYNAMORSE else "pattern, file or url"
    return [
        f'$.sources[{number}].kind is "{source["kind"]}"; expected {expected} with the {engine} engine'
        for number, source in enumerate(document.get("sources") or [])
        if (source["kind"] == S3) != (engine is Engine.DYNAMORSE)
    ]


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
