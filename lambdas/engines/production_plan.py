"""The production that a document and its execution mean, with what its engine needs."""

from math import ceil
from typing import Any

from lambdas.engines.check_times import steady_check_seconds
from lambdas.engines.dynamorse_modules import NEEDED
from lambdas.engines.media_places import fill_places
from lambdas.modules.catalogue import Engine, choose_engine
from lambdas.production.contribution import source_name
from lambdas.production.input_schema import fill_defaults
from lambdas.production.key_frames import fitting_distance, segment_frames
from lambdas.production.machines.volume_size import machine_volume
from lambdas.production.model import ENCODER, MIXER, Machine, Ownership, Production, lifetime, short_id
from lambdas.production.source_recordings import recorded_sources
from lambdas.recording.places import recording_location, sources_location
from lambdas.recording.publication import INDEX, publication_location
from lambdas.runtime.settings import ModuleSettings
from lambdas.runtime.timestamps import from_iso, to_iso

MACHINES = {MIXER: "mixParams", ENCODER: "encodeParams"}
UNDEPLOYED = ModuleSettings(module_source="", media_buckets=(), region="")


def make_production(
    document: dict[str, Any], execution: dict[str, str], settings: ModuleSettings = UNDEPLOYED
) -> Production:
    """Return the production that a valid document and its execution mean.

    Args:
        document: The document.
        execution: Has ``id`` (the ARN), ``name`` and ``startTime`` (ISO 8601), as the context object of Step
            Functions gives them.
        settings: What the deployment adds to the document.
    """
    engine, production_id = engine_of(document), short_id(execution["id"])
    whole = with_defaults(fill_places(document, engine, settings.media_bucket, production_id), engine)
    life = lifetime(whole["runSeconds"])
    started = from_iso(execution["startTime"])
    is_media = engine is Engine.MEDIA
    recording = recording_location(whole["output"], production_id) if is_media else ""
    publication = publication_location(whole["output"], production_id) if is_media else ""
    sources = sources_location(recording) if recording and recorded_sources(whole) else ""
    ownership = Ownership(
        productionId=production_id,
        executionArn=execution["id"],
        expiresAt=to_iso(started + life),
        recording=recording,
        sourceRecordings=sources,
        publication=publication,
    )
    machines = [
        Machine(
            role=role,
            instanceName=f"{whole[key]['instanceName']}-{production_id}",
            instanceType=whole[key]["instanceType"],
            modules=whole[key].get("modules") or _needed(engine, role),
            engine=engine,
            lifetimeMinutes=ceil(life.total_seconds() / 60),
            production=ownership,
            placements=[],
            volumeGiB=machine_volume(role, engine, whole).gibibytes,
            task={},
        )
        for role, key in MACHINES.items()
    ]
    return Production(
        productionId=production_id,
        executionArn=execution["id"],
        executionName=execution["name"],
        startedAt=to_iso(started),
        engine=engine,
        runSeconds=whole["runSeconds"],
        checkSeconds=steady_check_seconds(whole["runSeconds"]),
        expiresAt=ownership["expiresAt"],
        region=settings.region,
        machines=machines,
        sources=whole["sources"],
        mix=whole["mix"],
        encode=whole["encode"],
        output=whole["output"],
        recording={
            "location": recording,
            "sources": sources,
            "publication": publication,
            "productionId": production_id,
        },
        watchUrl=watch_url(publication, settings),
        warnings=[],
    )


def with_defaults(document: dict[str, Any], engine: Engine) -> dict[str, Any]:
    """Return a valid document with its defaults, those that depend on others too."""
    whole = fill_defaults(document)
    if engine is Engine.MEDIA:
        whole["sources"] = [
            {"name": source_name(number, source)} | source
            for number, source in enumerate(whole["sources"], start=1)
        ]
        if "gopFrames" not in document.get("encode", {}):
            encode = whole["encode"]
            encode["gopFrames"] = fitting_distance(encode["gopFrames"], segment_frames(whole))
    return whole


def engine_of(document: dict[str, Any]) -> Engine:
    """Return the engine that a valid document names, or that its modules are of."""
    asked = [item for key in MACHINES.values() for item in document[key].get("modules", [])]
    return Engine(document.get("engine") or choose_engine(asked))


def watch_url(publication: str, settings: ModuleSettings) -> str:
    """Return where what is published can be watched; empty if it is not behind the deployment's distribution.

    Args:
        publication: ``s3://bucket/prefix`` of the production's own, or empty.
        settings: The deployment's.
    """
    bucket = f"s3://{settings.publish_bucket}/"
    if not (settings.publish_domain and publication.startswith(bucket)):
        return ""
    return f"https://{settings.publish_domain}/{publication.removeprefix(bucket)}/{INDEX}"


def _needed(engine: Engine, role: str) -> list[str | dict[str, str]]:
    # The media engine's own module needs no naming.
    return NEEDED[role] if engine is Engine.DYNAMORSE else []
