"""The input's JSON Schema: every mistake of a document in words, and its defaults filled in."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from lambdas.production.quoting import HIDDEN, quote

SCHEMA_FILE = Path(__file__).parents[2] / "step_functions" / "input.schema.json"

PLAIN_TYPES = {"string": "text", "boolean": "true or false", "integer": "a whole number"}

Schema = dict[str, Any]


@cache
def input_schema() -> Schema:
    """Return the one definition of the input, ``step_functions/input.schema.json``."""
    schema: Schema = json.loads(SCHEMA_FILE.read_text())
    return schema


def find_mistakes(document: object) -> list[str]:
    """Return every mistake of a document: its JSON path, what it is, and what would be right."""
    errors = sorted(_validator().iter_errors(document), key=lambda error: error.json_path)
    return [mistake for error in errors for mistake in _describe(error)]


def fill_defaults(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a valid document in which every property that has a default has a value."""
    filled: dict[str, Any] = _filled(deepcopy(document), input_schema())
    return filled


@cache
def _validator() -> Draft202012Validator:
    whole: type[Draft202012Validator] = extend(Draft202012Validator, {"pattern": _whole_pattern})  # type: ignore[no-untyped-call]
    return whole(input_schema())


def _whole_pattern(
    _validator: Any, pattern: str, instance: Any, _schema: Schema
) -> Iterator[ValidationError]:
    # Python's $ also matches before a newline at the end, JSON Schema's (ECMA 262) does not.
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _describe(error: ValidationError) -> Iterator[str]:
    schema: Schema = dict(cast("Mapping[str, Any]", error.schema))
    instance: Any = error.instance
    if error.validator == "required":
        # jsonschema reports each missing property on its own; its message begins with the name's repr.
        name = next(name for name in schema["required"] if error.message.startswith(repr(name)))
        known = _follow(schema.get("properties", {}).get(name, {}))
        yield f"{error.json_path}.{name} is missing; expected {_expectation(known)}"
    elif error.validator == "additionalProperties":
        for name in sorted(set(instance) - set(schema["properties"])):
            yield f"{error.json_path}.{name} is not known; expected one of {', '.join(schema['properties'])}"
    else:
        shown = HIDDEN if schema.get("writeOnly") else quote(instance)
        yield f"{error.json_path} is {shown}; expected {_expectation(_follow(schema))}"


def _follow(schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    name = str(reference).removeprefix("#/$defs/")
    target: Schema = input_schema()["$defs"][name]
    return target | schema


def _expectation(schema: Schema) -> str:
    words = _allowed_values(schema)
    unit = f" ({schema['unit']})" if schema.get("unit") else ""
    meaning = schema.get("description")
    return f"{words}{unit}: {meaning}" if meaning else f"{words}{unit}"


def _allowed_values(schema: Schema) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value) for value in schema["enum"])
    if "minimum" in schema or "maximum" in schema:
        number = "a whole number" if schema.get("type") == "integer" else "a number"
        even = ", even" if schema.get("multipleOf") == 2 else ""  # noqa: PLR2004 - even means by two
        return f"{number} from {schema.get('minimum')} to {schema.get('maximum')}{even}"
    if schema.get("type") in ("array", ["boolean", "array"]):
        flag = "true, false or " if "boolean" in schema["type"] else ""
        fewest, most = schema.get("minItems", 0), schema.get("maxItems")
        count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        return f"{flag}a list of {count} items" + (", none twice" if schema.get("uniqueItems") else "")
    if schema.get("type") == "object":
        return f"an object of {', '.join(schema.get('properties', {}))}"
    if "pattern" in schema:
        return "text" if schema.get("description") else f"text that matches {schema['pattern']}"
    return PLAIN_TYPES.get(str(schema.get("type")), "something else")


def _filled(value: Any, schema: Schema) -> Any:
    schema = _follow(schema)
    if isinstance(value, dict):
        for name, property_schema in schema.get("properties", {}).items():
            known = _follow(property_schema)
            if name not in value and "default" in known:
                value[name] = deepcopy(known["default"])
            elif name not in value and known.get("type") == "object" and not known.get("required"):
                value[name] = {}
            if name in value:
                value[name] = _filled(value[name], known)
    elif isinstance(value, list) and "items" in schema:
        return [_filled(item, schema["items"]) for item in value]
    elif schema.get("type") == "integer":
        return int(value)
    return value
