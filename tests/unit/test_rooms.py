"""Imports between rooms go down only, and never round in a circle."""

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from local_cloud.paths import REPOSITORY

HOUSES = {
    "lambdas": REPOSITORY / "lambdas",
    "local_cloud": REPOSITORY / "scripts" / "local_cloud",
    "organist": REPOSITORY / "scripts" / "organist",
}
# From the bottom up: a room may import from itself and from those before it.
FLOORS = {
    "lambdas": ("runtime", "aws", "recording", "modules", "production", "node_red", "engines", "handlers"),
    "local_cloud": (
        "root",
        *("iam", "events", "limits", "logs", "ecs", "ec2", "lambda_runtime"),
        "settings",
        *("moto_patches", "moto_patches.awslambda", "moto_patches.stepfunctions"),
        "provisioning",
        "door",
    ),
    "organist": (
        "root",
        *("account", "metrics", "report"),
        *(
            "deploy.options",
            "deploy.package",
            "deploy.checks",
            "deploy.stack",
            "deploy.image",
            "deploy.machine_image",
            "deploy",
        ),
        *("doctor", "local", "commands"),
        "door",
    ),
}
# Modules in no folder: what every room of the house may use, and what uses them all.
OUTSIDE = {
    "local_cloud": {"cloud": "door", "settings": "settings", "aws_times": "settings"},
    "organist": {"app": "door", "main": "door"},
}
# A house may import from those that it names, the command from the local cloud only where it runs it.
MAY_USE = {
    "lambdas": ("lambdas",),
    "local_cloud": ("local_cloud", "lambdas"),
    "organist": ("organist", "lambdas"),
}
MEDIA_NODES = [
    REPOSITORY / "tasks" / "node-red" / "media-nodes" / part
    for part in ("nodes", "lib", "engine", "test", "test-support")
]
RUNS_THE_LOCAL_CLOUD = ("organist.local.", "organist.commands.local")
MOST_MODULES_A_ROOM = 15


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
    if module not in SOURCES:
        return ".".join(rest) or "root"
    if len(rest) > 1:
        return max((name for name in FLOORS[house] if ".".join(rest).startswith(f"{name}.")), key=len)
    return "handlers" if house == "lambdas" else OUTSIDE[house].get(rest[0], "root")


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
    usable = {*MAY_USE[house], *(("local_cloud",) if module.startswith(RUNS_THE_LOCAL_CLOUD) else ())}
    ours = {name for name in imported(SOURCES[module]) if name.partition(".")[0] in HOUSES}
    assert {name for name in ours if name.partition(".")[0] not in usable} == set()
    allowed = FLOORS[house][: FLOORS[house].index(room(module)) + 1]
    assert {name for name in neighbours(module) if room(name) not in allowed} == set()


def test_a_room_is_seen_at_a_glance() -> None:
    scripts = [path for folder in MEDIA_NODES for path in folder.rglob("*.js")]
    rooms = Counter(
        path.parent for path in [*SOURCES.values(), *scripts] if path.parent not in HOUSES.values()
    )
    assert len(scripts) > 100, "the media nodes are where they are looked for"
    assert {room.name: modules for room, modules in rooms.items() if modules > MOST_MODULES_A_ROOM} == {}


def test_no_module_comes_round_to_itself() -> None:
    TopologicalSorter({module: neighbours(module) for module in SOURCES}).prepare()


def test_every_handler_and_nothing_else_is_at_the_door_of_lambdas() -> None:
    handlers = {name for name, path in SOURCES.items() if "\ndef handler(" in path.read_text()}
    at_the_door = {name for name in SOURCES if name.startswith("lambdas.") and room(name) == "handlers"}
    assert handlers == at_the_door
