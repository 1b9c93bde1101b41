"""The README's tables that come from the code: the input's properties, the named errors, the statistics.

``python -m tools.readme_tables`` writes them anew; a test holds the README against them.
"""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lambdas
from lambdas.production.input_schema import input_schema
from lambdas.runtime.errors import OrganistError

README = Path(__file__).resolve().parents[1] / "README.md"
INDEX_TEMPLATES = README.parent / "logstash" / "elasticsearch" / "index"


def input_table() -> str:
    """Give a row for each property of the input, as step_functions/input.schema.json has it."""
    rows = ["| property | unit | values | default | meaning |", "|---|---|---|---|---|"]
    rows += [f"| {' | '.join(row)} |" for row in _property_rows(input_schema(), "")]
    return "\n".join(rows)


def error_table() -> str:
    """Give a row for each named error: its kind, what it means, what to do."""
    rows = ["| error | kind | what happened | what to do |", "|---|---|---|---|"]
    for error in sorted(error_classes(), key=lambda found: found.__name__):
        meaning = (error.__doc__ or "").splitlines()[0]
        rows.append(f"| `{error.__name__}` | {error.kind} | {meaning} | {error.advice} |")
    return "\n".join(rows)


def statistics_table() -> str:
    """Give a row for each index template: its data streams, what they hold, and their fields."""
    rows = ["| data stream | what | fields |", "|---|---|---|"]
    for path in sorted(INDEX_TEMPLATES.glob("*.json")):
        template = json.loads(path.read_text())
        streams = ", ".join(f"`{pattern}`" for pattern in template["index_patterns"])
        fields = ", ".join(
            f"`{name}`" for name in _field_names(template["template"]["mappings"]["properties"])
        )
        rows.append(f"| {streams} | {template['_meta']['description']} | {fields} |")
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "input": input_table,
    "errors": error_table,
    "statistics": statistics_table,
}


def with_tables(text: str) -> str:
    """Give the README's text with every table as the code has it now."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} table: begin -->", f"<!-- {name} table: end -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"The README has no {begin} … {end}.")
        before, after = pattern.split(text, maxsplit=1)
        text = f"{before}{begin}\n{table()}\n{end}{after}"
    return text


def error_classes() -> list[type[OrganistError]]:
    """Return every named error of the Lambda functions."""
    for module in pkgutil.walk_packages(lambdas.__path__, "lambdas."):
        importlib.import_module(module.name)
    return OrganistError.__subclasses__()


def _property_rows(schema: dict[str, Any], prefix: str) -> Iterator[list[str]]:
    for name, described in schema.get("properties", {}).items():
        known = _follow(described)
        path = f"{prefix}{name}"
        required = name in schema.get("required", [])
        yield [f"`{path}`", known["unit"], _values(known), _default(known, required), known["description"]]
        items = _follow(known.get("items", {}))
        yield from _property_rows(known, f"{path}.")
        yield from _property_rows(items, f"{path}[].")


def _field_names(properties: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, field in properties.items():
        if "properties" in field:
            yield from _field_names(field["properties"], f"{above}{name}.")
        else:
            yield above + name


def _follow(schema: dict[str, Any]) -> dict[str, Any]:
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return {**input_schema()["$defs"][name], **schema} if name else schema


def _values(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    if schema["type"] == "array":
        fewest, most = schema.get("minItems", 0), schema["maxItems"]
        return f"{fewest} items" if fewest == most else f"{fewest} to {most} items"
    return " or ".join(schema["type"]) if isinstance(schema["type"], list) else str(schema["type"])


def _default(schema: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
