"""The events that the Lambda console's test button offers: one a function, from step_functions/events.

The console keeps events that everybody in the account sees as schemas of EventBridge, in a registry of a
fixed name that belongs to the account: the console, `sam remote test-event` and other stacks put theirs
there. So it is no resource of the template, which could neither make it twice nor remove it.
https://docs.aws.amazon.com/lambda/latest/dg/testing-functions.html#creating-shareable-events
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from organist.repository import REPOSITORY

if TYPE_CHECKING:
    from mypy_boto3_schemas import SchemasClient

EVENTS = REPOSITORY / "step_functions" / "events"
REGISTRY = "lambda-testevent-schemas"
EVENT = "organist"  # what the console calls ours; a person's own have other names
MADE_BY_US = {"organist:registry": "made by organist deploy"}
MOST_VERSIONS = 5  # of a schema, as `sam remote test-event` keeps them

Examples = dict[str, Any]


def console_events(folder: Path = EVENTS) -> dict[str, Any]:
    """Return the event of each function by the function's name, without the stack's prefix."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def put_test_events(schemas: "SchemasClient", prefix: str, print_line: Callable[[str], None]) -> None:
    """Save a test event for every function of a stack; where the account refuses, say so and go on.

    Args:
        schemas: The client of EventBridge's schemas.
        prefix: The stack's name prefix.
        print_line: Takes a line for the person.
    """
    try:
        _make_registry(schemas)
        for function, event in console_events().items():
            _put(schemas, _schema_name(prefix, function), event)
    except (ClientError, BotoCoreError) as error:
        print_line(f"Warning: the Lambda console gets no test events: {_one_line(error)}")


def remove_test_events(schemas: "SchemasClient", prefix: str, print_line: Callable[[str], None]) -> None:
    """Remove what ``put_test_events`` put; a person's own events stay, and are named.

    Args:
        schemas: The client of EventBridge's schemas.
        prefix: The stack's name prefix.
        print_line: Takes a line for the person.
    """
    try:
        for function in console_events():
            _remove(schemas, _schema_name(prefix, function), print_line)
        _remove_registry(schemas)
    except (ClientError, BotoCoreError) as error:
        print_line(f"Warning: the test events of the Lambda console may stay: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _schema_name(prefix: str, function: str) -> str:
    return f"_{prefix}{function}-schema"


def _make_registry(schemas: "SchemasClient") -> None:
    try:
        schemas.describe_registry(RegistryName=REGISTRY)
    except schemas.exceptions.NotFoundException:
        # Somebody else may be as quick.
        with suppress(schemas.exceptions.ConflictException):
            schemas.create_registry(RegistryName=REGISTRY, Tags=MADE_BY_US)


def _put(schemas: "SchemasClient", name: str, event: Any) -> None:
    known = _read(schemas, name)
    if known is None:
        content = _content({EVENT: {"value": event}})
        schemas.create_schema(RegistryName=REGISTRY, SchemaName=name, Type="OpenApi3", Content=content)
    elif (examples := _examples(known)).get(EVENT) != {"value": event}:
        _update(schemas, name, known, examples | {EVENT: {"value": event}})


def _remove(schemas: "SchemasClient", name: str, print_line: Callable[[str], None]) -> None:
    known = _read(schemas, name)
    if known is None:
        return
    others = {key: value for key, value in _examples(known).items() if key != EVENT}
    if not others:
        schemas.delete_schema(RegistryName=REGISTRY, SchemaName=name)
        return
    if EVENT in _examples(known):
        _update(schemas, name, known, others)
    print_line(
        f"Stays: your own test events {', '.join(others)} in the schema {name} of the registry {REGISTRY}"
    )


def _remove_registry(schemas: "SchemasClient") -> None:
    try:
        tags = schemas.describe_registry(RegistryName=REGISTRY).get("Tags", {})
    except schemas.exceptions.NotFoundException:
        return
    left = schemas.list_schemas(RegistryName=REGISTRY, Limit=1)["Schemas"]
    if not left and MADE_BY_US.items() <= tags.items():
        schemas.delete_registry(RegistryName=REGISTRY)


def _read(schemas: "SchemasClient", name: str) -> dict[str, Any] | None:
    try:
        content = schemas.describe_schema(RegistryName=REGISTRY, SchemaName=name)["Content"]
    except schemas.exceptions.NotFoundException:
        return None
    known: dict[str, Any] = json.loads(content)
    return known


def _update(schemas: "SchemasClient", name: str, known: Mapping[str, Any], examples: Examples) -> None:
    versions = schemas.list_schema_versions(RegistryName=REGISTRY, SchemaName=name)["SchemaVersions"]
    if len(versions) >= MOST_VERSIONS:
        oldest = min(versions, key=lambda version: int(version["SchemaVersion"]))
        schemas.delete_schema_version(
            RegistryName=REGISTRY, SchemaName=name, SchemaVersion=oldest["SchemaVersion"]
        )
    components = {**known.get("components", {}), "examples": examples}
    schemas.update_schema(
        RegistryName=REGISTRY,
        SchemaName=name,
        Type="OpenApi3",
        Content=json.dumps({**known, "components": components}),
    )


def _examples(known: Mapping[str, Any]) -> Examples:
    return dict(known.get("components", {}).get("examples", {}))


def _content(examples: Examples) -> str:
    return json.dumps(
        {
            "openapi": "3.0.0",
            "info": {"version": "1.0.0", "title": "Event"},
            "paths": {},
            "components": {"schemas": {"Event": {"type": "object"}}, "examples": examples},
        }
    )
