"""Imports between the rooms of lambdas/ go down only, and never round in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from local_cloud.paths import REPOSITORY

LAMBDAS = REPOSITORY / "lambdas"
HANDLERS = "handlers"
# From the ground up: a room may import from itself and from those before it.
FLOORS = ("runtime", "aws", "modules", "production", "node_red", "engines", HANDLERS)
SOURCES = [path for path in sorted(LAMBDAS.rglob("*.py")) if path.name != "__init__.py"]


def room(module: str) -> str:
    """The room of a module below lambdas/, by its dotted name."""
    head, _, rest = module.partition(".")
    return head if rest else HANDLERS


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(LAMBDAS).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, by its whole name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert node.level == 0, f"{path} has a relative import"
            folder = REPOSITORY.joinpath(*module.split("."))
            parts = [alias.name for alias in node.names if (folder / f"{alias.name}.py").exists()]
            yield from (f"{module}.{part}" for part in parts)
            if len(parts) < len(node.names):
                yield module


def neighbours(path: Path) -> set[str]:
    """Those of lambdas/ that a file imports, by their dotted names there."""
    return {name.removeprefix("lambdas.") for name in imported(path) if name.startswith("lambdas.")}


@pytest.mark.parametrize("path", SOURCES, ids=dotted)
def test_imports_go_down(path: Path) -> None:
    own = dotted(path)
    assert not [name for name in imported(path) if name.split(".")[0] in ("organist", "local_cloud")]
    allowed = FLOORS[: FLOORS.index(room(own)) + 1]
    assert {name for name in neighbours(path) if room(name) not in allowed} == set()


def test_no_module_comes_round_to_itself() -> None:
    TopologicalSorter({dotted(path): neighbours(path) for path in SOURCES}).prepare()


def test_every_handler_and_nothing_else_is_at_the_door() -> None:
    doors = [path for path in SOURCES if room(dotted(path)) == HANDLERS]
    assert [path.name for path in doors if "\ndef handler(" not in path.read_text()] == []
    assert [
        dotted(path) for path in SOURCES if path not in doors and "\ndef handler(" in path.read_text()
    ] == []
