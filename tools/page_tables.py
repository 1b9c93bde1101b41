"""The manual's tables that come from the code: input, errors, statistics, the state machine's transitions.

``python -m tools.page_tables`` writes them anew; a test holds the pages against them.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lambdas
from lambdas.engines.check_times import expected_checks
from lambdas.production.input_schema import input_schema
from lambdas.runtime.errors import OrganistError
from organist.report.transitions import STATES_A_CHECK, expect_counts, expect_retries

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = REPOSITORY / "docs"
INDEX_TEMPLATES = REPOSITORY / "logstash" / "elasticsearch" / "index"


def input_table() -> str:
    """Return a row for each property of the input, as step_functions/input.schema.json has it."""
    rows = ["| property | unit | values | default | meaning |", "|---|---|---|---|---|"]
    rows += [f"| {' | '.join(row)} |" for row in _property_rows(input_schema(), "")]
    return "\n".join(rows)


def error_table() -> str:
    """Return a row for each named error: its kind, what it means, what to do."""
    rows = ["| error | kind | what happened | what to do |", "|---|---|---|---|"]
    for error in sorted(error_classes(), key=lambda found: found.__name__):
        meaning = (error.__doc__ or "").splitlines()[0]
        rows.append(f"| `{error.__name__}` | {error.kind} | {meaning} | {error.advice} |")
    return "\n".join(rows)


def statistics_table() -> str:
    """Return a row for each index template: its data streams, what they hold, and their fields."""
    rows = ["| data stream | what | fields |", "|---|---|---|"]
    for path in sorted(INDEX_TEMPLATES.glob("*.json")):
        template = json.loads(path.read_text())
        streams = ", ".join(f"`{pattern}`" for pattern in template["index_patterns"])
        fields = ", ".join(
            f"`{name}`" for name in _field_names(template["template"]["mappings"]["properties"])
        )
        rows.append(f"| {streams} | {template['_meta']['description']} | {fields} |")
    return "\n".join(rows)


def transition_table() -> str:
    """Return a row for each of some productions: the transitions that `organist estimate` counts with."""
    modules = [1, 1]  # the media engine's own module on each of two machines
    rows = [
        "| on air | checks | state transitions | with the retries that are assumed |",
        "|---|---|---|---|",
    ]
    rows.append(f"| one check | 1 | {STATES_A_CHECK} | |")
    for seconds in (20, 120, 600, 86400):
        expected = expect_counts(modules, seconds).transitions
        once = expected - expect_retries(len(modules))
        rows.append(f"| {seconds} s | {expected_checks(seconds)} | {once} | {expected} |")
    return "\n".join(rows)


@dataclass(frozen=True)
class Table:
    """A table of the manual: the page that it stands on, and what writes it."""

    page: str
    write: Callable[[], str]


TABLES = {
    "input": Table("input.md", input_table),
    "errors": Table("errors.md", error_table),
    "statistics": Table("metrics.md", statistics_table),
    "transitions": Table("architecture.md", transition_table),
}


def with_table(text: str, name: str) -> str:
    """Return a page's text with one of ``TABLES`` as the code has it now.

    Raises:
        ValueError: The page has no place for it.
    """
    begin, end = f"<!-- {name} table: begin -->", f"<!-- {name} table: end -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"The page has no {begin} … {end}.")
    return f"{before}{begin}\n{TABLES[name].write()}\n{end}{after}"


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
    for name, table in TABLES.items():
        page = PAGES / table.page
        page.write_text(with_table(page.read_text(), name))
