"""The test events of the Lambda console: put and removed by exact calls, without touching anybody else's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from organist.deploy import console_events as module
from organist.deploy.console_events import console_events, put_test_events, remove_test_events
from tests.unit.template.plain import plain_template, resources_of

Stubs = Callable[[str], tuple[Any, Stubber]]

REGISTRY = {"RegistryName": "lambda-testevent-schemas"}
SCHEMA = REGISTRY | {"SchemaName": "_two-showInstances-schema"}
EVENT = {"instanceName": "by-hand"}
OURS = {"organist": {"value": EVENT}}
MINE = {"mine": {"value": {"productionId": "1f0c9a2e"}}}
MADE_BY_US = {"organist:registry": "made by organist deploy"}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def schemas(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Stubber]:
    monkeypatch.setattr(module, "console_events", lambda: {"showInstances": EVENT})
    return stubs("schemas")


def content(examples: dict[str, Any]) -> str:
    return json.dumps(
        {
            "openapi": "3.0.0",
            "info": {"version": "1.0.0", "title": "Event"},
            "paths": {},
            "components": {"schemas": {"Event": {"type": "object"}}, "examples": examples},
        }
    )


def has_registry(stubber: Stubber, **tags: str) -> None:
    stubber.add_response(
        "describe_registry", {"RegistryName": REGISTRY["RegistryName"], "Tags": tags}, REGISTRY
    )


def has_schema(stubber: Stubber, examples: dict[str, Any]) -> None:
    stubber.add_response("describe_schema", {"Content": content(examples)}, SCHEMA)


def lacks(stubber: Stubber, call: str, asked: dict[str, Any]) -> None:
    stubber.add_client_error(call, "NotFoundException", http_status_code=404, expected_params=asked)


def has_versions(stubber: Stubber, *numbers: str) -> None:
    versions = [{"SchemaVersion": number} for number in numbers]
    stubber.add_response("list_schema_versions", {"SchemaVersions": versions}, SCHEMA)


def updates(stubber: Stubber, examples: dict[str, Any]) -> None:
    asked = SCHEMA | {"Type": "OpenApi3", "Content": content(examples)}
    stubber.add_response("update_schema", {"SchemaVersion": "9"}, asked)


def put(schemas: tuple[Any, Stubber]) -> list[str]:
    message: list[str] = []
    put_test_events(schemas[0], "two-", message.append)
    return message


def remove(schemas: tuple[Any, Stubber]) -> list[str]:
    message: list[str] = []
    remove_test_events(schemas[0], "two-", message.append)
    return message


def test_every_function_of_the_template_has_an_event() -> None:
    functions = resources_of(plain_template(), "AWS::Lambda::Function").values()
    names = {function["FunctionName"]["Fn::Sub"].removeprefix("${NamePrefix}") for function in functions}
    assert set(console_events()) == names


def test_an_account_without_the_registry_gets_it_and_the_event(schemas: tuple[Any, Stubber]) -> None:
    stubber = schemas[1]
    lacks(stubber, "describe_registry", REGISTRY)
    stubber.add_response("create_registry", {}, REGISTRY | {"Tags": MADE_BY_US})
    lacks(stubber, "describe_schema", SCHEMA)
    stubber.add_response("create_schema", {}, SCHEMA | {"Type": "OpenApi3", "Content": content(OURS)})
    assert put(schemas) == []


def test_two_stacks_that_make_the_registry_at_once_both_go_on(schemas: tuple[Any, Stubber]) -> None:
    stubber = schemas[1]
    lacks(stubber, "describe_registry", REGISTRY)
    stubber.add_client_error("create_registry", "ConflictException", http_status_code=409)
    has_schema(stubber, OURS)
    assert put(schemas) == []


def test_a_second_deployment_changes_nothing(schemas: tuple[Any, Stubber]) -> None:
    has_registry(schemas[1])
    has_schema(schemas[1], OURS)
    assert put(schemas) == []


def test_a_persons_own_events_stay_beside_ours(schemas: tuple[Any, Stubber]) -> None:
    has_registry(schemas[1])
    has_schema(schemas[1], MINE)
    has_versions(schemas[1], "1", "2")
    updates(schemas[1], MINE | OURS)
    assert put(schemas) == []


def test_an_old_version_makes_room_for_a_new_event(schemas: tuple[Any, Stubber]) -> None:
    stubber = schemas[1]
    has_registry(stubber)
    has_schema(stubber, {"organist": {"value": {}}})
    has_versions(stubber, "10", "9", "8", "7", "11")
    stubber.add_response("delete_schema_version", {}, SCHEMA | {"SchemaVersion": "7"})
    updates(stubber, OURS)
    assert put(schemas) == []


def test_an_account_that_forbids_it_is_warned_and_deployed_all_the_same(schemas: tuple[Any, Stubber]) -> None:
    schemas[1].add_client_error("describe_registry", "ForbiddenException", "not you", 403)
    (message,) = put(schemas)
    assert message.startswith("Warning: the Lambda console gets no test events")
    assert "not you" in message


def test_what_was_put_is_removed_with_the_registry_that_was_made_for_it(schemas: tuple[Any, Stubber]) -> None:
    stubber = schemas[1]
    has_schema(stubber, OURS)
    stubber.add_response("delete_schema", {}, SCHEMA)
    has_registry(stubber, **MADE_BY_US)
    stubber.add_response("list_schemas", {"Schemas": []}, REGISTRY | {"Limit": 1})
    stubber.add_response("delete_registry", {}, REGISTRY)
    assert remove(schemas) == []


@pytest.mark.parametrize(
    ("tags", "left"),
    [(MADE_BY_US, [{"SchemaName": "_another-schema", "LastModified": NOW}]), ({}, [])],
    ids=["another function's events are in it", "somebody else made it"],
)
def test_a_registry_that_is_not_ours_alone_stays(
    schemas: tuple[Any, Stubber], tags: dict[str, str], left: list[dict[str, Any]]
) -> None:
    stubber = schemas[1]
    lacks(stubber, "describe_schema", SCHEMA)
    has_registry(stubber, **tags)
    stubber.add_response("list_schemas", {"Schemas": left}, REGISTRY | {"Limit": ANY})
    assert remove(schemas) == []


def test_a_persons_own_events_outlive_the_stack_and_are_named(schemas: tuple[Any, Stubber]) -> None:
    stubber = schemas[1]
    has_schema(stubber, MINE | OURS)
    has_versions(stubber, "1")
    updates(stubber, MINE)
    lacks(stubber, "describe_registry", REGISTRY)
    (message,) = remove(schemas)
    assert "your own test events mine in the schema _two-showInstances-schema" in message


def test_a_refused_removal_does_not_stop_the_rest_of_destroy(schemas: tuple[Any, Stubber]) -> None:
    schemas[1].add_client_error("describe_schema", "ForbiddenException", "not you", 403)
    (message,) = remove(schemas)
    assert message.startswith("Warning: the test events of the Lambda console may stay")
