"""validateInput: the input and the execution → the normalised production. Nothing is started before it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.aws.baked_images import usable_image
from lambdas.aws.clients import ec2_client, make_as_lambda_starts, named_aws_errors, s3_client
from lambdas.aws.placements import Offers, find_offers
from lambdas.engines.dynamorse_modules import locate_modules
from lambdas.engines.media_places import foreign_secrets, missing_places, source_mistakes
from lambdas.engines.production_plan import MACHINES, engine_of, make_production, with_defaults
from lambdas.engines.recording_checks import (
    bucket_mistakes,
    foreign_buckets,
    places_in_s3,
    recording_mistakes,
)
from lambdas.engines.rendition_checks import rendition_mistakes
from lambdas.modules.catalogue import Engine, resolve_module
from lambdas.modules.deployed_source import open_module_source
from lambdas.modules.errors import DynamorseNotDeployed
from lambdas.modules.source import ModuleSource
from lambdas.node_red.task_overrides import overrides_mistakes
from lambdas.production.contribution import cut_off_sources
from lambdas.production.destinations import cut_off_destinations
from lambdas.production.errors import InvalidInput
from lambdas.production.input_schema import find_mistakes
from lambdas.production.key_frames import key_frame_mistakes
from lambdas.production.machines.machine_fit import Fit, TypeFacts
from lambdas.production.machines.machine_need import machine_need
from lambdas.production.machines.machine_types import (
    document_types,
    find_types,
    place_machines,
    type_mistakes,
    zone_mistakes,
)
from lambdas.production.machines.volume_size import volume_mistakes
from lambdas.production.model import Production
from lambdas.runtime.entry import Event, Result, entry_point, require
from lambdas.runtime.settings import ModuleSettings, NetworkSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_s3 import S3Client

make_as_lambda_starts(ec2_client)


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Validate the execution's input.

    Args:
        event: ``{"input": document, "execution": {"id", "name", "startTime"}}``.

    Raises:
        InvalidInput: The document is wrong; the message names every mistake.
        ModuleNotAvailable: No source has a module.
        DynamorseNotDeployed: The deployment cannot start dynamorse's machines.
    """
    require(event, ["input", "execution"])
    document, settings = event["input"], ModuleSettings.from_env()
    check_document(document)
    types = check_types(document, NetworkSettings.from_env().subnet_ids, ec2_client())
    check_places(document, settings)
    production = make_production(document, event["execution"], settings)
    check_limits(production)
    check_buckets(production, settings, s3_client)
    production["warnings"] = check_sizes(production, types.facts)
    place_machines(production, types.offers)
    choose_image(production, settings, ec2_client())
    check_modules(production, open_module_source(settings.module_source, s3_client))
    check_image(production, settings)
    return dict(production)


def check_places(document: dict[str, Any], settings: ModuleSettings) -> None:
    """Raise ``InvalidInput`` for what the deployment has not: places, secrets, a way in for live sources."""
    mistakes = missing_places(document, engine_of(document), settings.media_bucket)
    mistakes += foreign_buckets(document, engine_of(document), settings)
    mistakes += foreign_secrets(document, settings.stack_name)
    destinations = document.get("output", {}).get("destinations") or []
    mistakes += cut_off_destinations(destinations, settings.destination_cidr)
    mistakes += cut_off_sources(document.get("sources") or [], settings.contribution_cidr)
    if mistakes:
        raise InvalidInput(mistakes)


def check_document(document: object) -> None:
    """Raise ``InvalidInput`` if the document has mistakes that can be seen without an account."""
    mistakes = find_mistakes(document)
    if not mistakes and isinstance(document, dict):
        mistakes = [*_name_mistakes(document), *_module_mistakes(document), *_failover_mistakes(document)]
        mistakes += source_mistakes(document, engine_of(document))
        whole = with_defaults(document, engine_of(document))
        mistakes += recording_mistakes(whole, engine_of(document))
        mistakes += rendition_mistakes(whole, engine_of(document))
        mistakes += _key_frame_mistakes(document)
    if mistakes:
        raise InvalidInput(mistakes)


@dataclass(frozen=True)
class CheckedTypes:
    """What EC2 says of a document's types, all of which can be had: ``facts`` by type, ``offers`` by zone."""

    facts: Mapping[str, TypeFacts]
    offers: Offers


def check_types(document: dict[str, Any], subnet_ids: Sequence[str], ec2: "EC2Client") -> CheckedTypes:
    """Return what EC2 and the stack's zones have of a valid document's instance types.

    Args:
        document: The document.
        subnet_ids: The stack's subnets.
        ec2: The client to ask.

    Raises:
        InvalidInput: The region or every zone lacks a type, or the engine does not run on it.
    """
    types = document_types(document, list(MACHINES.values()))
    found = find_types(types.values(), ec2)
    if mistakes := type_mistakes(types, engine_of(document), found):
        raise InvalidInput(mistakes)
    offers = find_offers(set(types.values()), subnet_ids, ec2)
    if mistakes := zone_mistakes(types, offers):
        raise InvalidInput(mistakes)
    return CheckedTypes(found.facts, offers)


def check_limits(production: Production) -> None:
    """Raise ``InvalidInput`` for what AWS has no room for: a volume, or the request that starts Node-RED."""
    mistakes = volume_mistakes(Engine(production["engine"]), dict(production))
    for machine in production["machines"]:
        mistakes += overrides_mistakes(f"$.{MACHINES[machine['role']]}", machine)
    if mistakes:
        raise InvalidInput(mistakes)


def check_sizes(production: Production, facts: Mapping[str, TypeFacts]) -> list[str]:
    """Return warnings of instance types that are hardly large enough for their work.

    Args:
        production: The production.
        facts: What is known of types; one of which nothing is known is not judged.

    Raises:
        InvalidInput: A type cannot do the work at all.
    """
    fit, engine = Fit(), Engine(production["engine"])
    for machine in production["machines"]:
        key = MACHINES[machine["role"]]
        need = machine_need(machine["role"], engine, dict(production))
        for path, kind in document_types({key: dict(machine)}, [key]).items():
            if kind in facts:
                fit.judge(path, kind, facts[kind], need, machine["lifetimeMinutes"])
    if fit.mistakes:
        raise InvalidInput(fit.mistakes)
    return fit.warnings


def check_buckets(
    production: Production, settings: ModuleSettings, open_s3: Callable[[], "S3Client"]
) -> None:
    """Raise ``InvalidInput`` if a bucket cannot take what is recorded or published into it."""
    places = places_in_s3(dict(production), Engine(production["engine"]))
    if not places:
        return
    s3 = open_s3()
    mistakes = [
        mistake
        for path, location in places.items()
        for mistake in bucket_mistakes(path, location, settings, s3)
    ]
    if mistakes:
        raise InvalidInput(mistakes)


def check_modules(production: Production, source: ModuleSource) -> None:
    """Raise ``ModuleNotAvailable`` for every module of dynamorse's that no source has."""
    if production["engine"] == Engine.DYNAMORSE:
        asked = [item for machine in production["machines"] for item in machine["modules"]]
        locate_modules(asked, source)


def choose_image(production: Production, settings: ModuleSettings, ec2: "EC2Client") -> None:
    """Give the placements the stack's own machine image if it has one; dynamorse's image is on none."""
    if production["engine"] != Engine.MEDIA or not settings.node_red_image:
        return
    if image_id := usable_image(ec2, settings.stack_name, settings.node_red_image):
        for machine in production["machines"]:
            for placement in machine["placements"]:
                placement["imageId"] = image_id


def check_image(production: Production, settings: ModuleSettings) -> None:
    """Raise ``DynamorseNotDeployed`` if the machines would find no image of dynamorse's Node-RED."""
    if production["engine"] == Engine.DYNAMORSE and not settings.has_dynamorse_image:
        raise DynamorseNotDeployed("The deployment has no image of the Node-RED that dynamorse works in.")


def _failover_mistakes(document: dict[str, Any]) -> list[str]:
    sources = document.get("sources") or []
    return [
        f"$.sources[{number - 1}].onLoss.failoverTo is {other}; expected the number of another of the "
        f"{len(sources)} sources"
        for number, source in enumerate(sources, start=1)
        if (other := source.get("onLoss", {}).get("failoverTo")) is not None
        and (other == number or other > len(sources))
    ]


def _key_frame_mistakes(document: dict[str, Any]) -> list[str]:
    engine = engine_of(document)
    return key_frame_mistakes(with_defaults(document, engine)) if engine is Engine.MEDIA else []


def _name_mistakes(document: dict[str, Any]) -> list[str]:
    names = Counter(document[key]["instanceName"].lower() for key in MACHINES.values())
    return [
        f'$.encodeParams.instanceName is "{name}" like the mixer\'s; expected two different names'
        for name, count in names.items()
        if count > 1
    ]


def _module_mistakes(document: dict[str, Any]) -> list[str]:
    mistakes = []
    for key in MACHINES.values():
        names = Counter(resolve_module(item).name for item in document[key].get("modules", []))
        mistakes += [
            f"$.{key}.modules names {name} {count} times; expected each module once"
            for name, count in names.items()
            if count > 1
        ]
    return mistakes
