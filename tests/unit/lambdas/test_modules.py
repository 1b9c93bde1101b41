"""The catalogue of modules, and what is installed for a list of them."""

import json
from pathlib import Path

import pytest

from lambdas import make_module_params
from lambdas.modules.catalogue import (
    Engine,
    Module,
    catalogue,
    choose_engine,
    modules_to_install,
    resolve_module,
)
from lambdas.runtime.errors import InvalidEvent

REPOSITORY = Path(__file__).parents[3]
MEDIA = catalogue()["media"]


def test_the_catalogue_pins_the_media_nodes_of_this_repository() -> None:
    package = json.loads((REPOSITORY / "tasks/node-red/media-nodes/package.json").read_text())
    assert (MEDIA.name, MEDIA.version) == (package["name"], package["version"])


@pytest.mark.parametrize(
    ("asked", "module"),
    [
        ("core", Module("node-red-contrib-dynamorse-core", "0.2.1")),
        ("node-red-node-random", Module("node-red-node-random")),
        ({"name": "core", "version": "0.2.0"}, Module("node-red-contrib-dynamorse-core", "0.2.0")),
        ({"name": "@a/b", "url": "https://x/b.tgz"}, Module("@a/b", None, "https://x/b.tgz")),
    ],
)
def test_a_module_gets_its_full_name_and_the_catalogues_version(asked: str, module: Module) -> None:
    assert resolve_module(asked) == module


def test_the_engine_follows_the_modules() -> None:
    assert choose_engine([]) is Engine.MEDIA
    assert choose_engine(["node-red-node-random"]) is Engine.MEDIA
    assert choose_engine(["node-red-node-random", {"name": "core"}]) is Engine.DYNAMORSE


def test_the_media_engine_installs_its_own_nodes_first_and_once() -> None:
    names = [module.name for module in modules_to_install(["node-red-node-random"], Engine.MEDIA)]
    assert names == [MEDIA.name, "node-red-node-random"]
    assert [module.name for module in modules_to_install(["media"], Engine.MEDIA)] == [MEDIA.name]


def test_make_module_params_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODULE_SOURCE", raising=False)
    result = make_module_params.handler({"instanceName": "mixer", "modules": ["core", "ffmpeg"]}, None)
    assert result == {
        "instanceName": "mixer",
        "modules": [
            {"moduleName": "node-red-contrib-dynamorse-core", "version": "0.2.1"},
            {"moduleName": "node-red-contrib-dynamorse-ffmpeg", "version": "0.1.17"},
        ],
    }


def test_make_module_params_names_what_its_event_lacks() -> None:
    with pytest.raises(InvalidEvent, match="no instanceName"):
        make_module_params.handler({"modules": ["core"]}, None)
