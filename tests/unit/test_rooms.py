"""Imports between rooms go down only, and never round in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from local_cloud.paths import REPOSITORY

HOUSES = {"lambdas": REPOSITORY / "lambdas", "organist": REPOSITORY / "scripts" / "organist"}
# From the ground up: a room may import from itself and from those before it.
FLOORS = {
    "lambdas": ("runtime", "aws", "modules", "production", "node_red", "engines", "handlers"),
    "organist": (
        "ground",
        *("account", "metrics", "report", "deploy", "doctor", "local", "commands"),
        "door",
    ),
}
# Modules in no folder: of lambdas/ handlers; of the command, what every room may use and what uses them all.
OUTSIDE = {
    "organist.app": "door",
    "organist.main": "door",
    "organist.command_errors": "ground",
    "organist.confirmation": "ground",
    "organist.exit_codes": "ground",
    "organist.input_file": "ground",
    "organist.repository": "ground",
    "organist.terminal": "ground",
}
# A house may import from those that it names.
MAY_USE = {"lambdas": ("lambdas",), "organist": ("organist", "local_cloud", "lambdas")}


def dotted(path: Path) -> str:
    """The name that a file is imported by."""
    house = next(name for name, folder in HOUSES.items() if path.is_relative_to(folder))
    return ".".join((house, *path.relative_to(HOUSES[house]).with_suffix("").parts))


SOURCES = {
    dotted(path): path
    for folder in HOUSES.values()
    for path in sorted(folder.rglob("*.py"))
    if path.name != "__init__.py"
}


def room(module: str) -> str:
    """The room of a module, by its whole name; of a package's ``__init__``, the package."""
    house, *rest = module.split(".")
    if len(rest) == 1 and module in SOURCES:
        return OUTSIDE[module] if house == "organist" else "handlers"
    return rest[0] if rest else "ground"


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, by its whole name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            module = node.module or ""
            parts = [f"{module}.{alias.name}" for alias in node.names]
            yield from (part for part in parts if part in SOURCES)
            if any(part not in SOURCES for part in parts):
                yield module


def neighbours(module: str) -> set[str]:
    """Those of its own house that a module imports."""
    house = module.partition(".")[0]
    return {name for name in imported(SOURCES[module]) if name.partition(".")[0] == house}


@pytest.mark.parametrize("module", SOURCES)
def test_imports_go_down(module: str) -> None:
    house = module.partition(".")[0]
    ours = {name for name in imported(SOURCES[module]) if name.split(".")[0] in (*HOUSES, "local_cloud")}
    assert {name for name in ours if name.split(".")[0] not in MAY_USE[house]} == set()
    allowed = FLOORS[house][: FLOORS[house].index(room(module)) + 1]
    assert {name for name in neighbours(module) if room(name) not in allowed} == set()


def test_no_module_comes_round_to_itself() -> None:
    TopologicalSorter({module: neighbours(module) for module in SOURCES}).prepare()


def test_every_handler_and_nothing_else_is_at_the_door_of_lambdas() -> None:
    handlers = {name for name, path in SOURCES.items() if "\ndef handler(" in path.read_text()}
    at_the_door = {name for name in SOURCES if name.startswith("lambdas.") and room(name) == "handlers"}
    assert handlers == at_the_door
