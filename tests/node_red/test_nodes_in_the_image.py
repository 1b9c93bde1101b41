"""The project's own nodes, which settings.js finds beside itself in the image as on a laptop."""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from lambdas.install_node_red_module import install_module
from lambdas.modules.catalogue import find_entry
from lambdas.node_red.client import NodeRed
from tests.node_red.running import RunningNodeRed, run_our_node_red

ADDRESS = "127.0.0.78"
MODULE = "node-red-contrib-organist-media"
TYPES = {"media-format", "media-source", "media-mixer", "media-encoder"}


def start(user_dir: Path, allowed: str) -> Iterator[RunningNodeRed]:
    with run_our_node_red(ADDRESS, allowed, user_dir) as running:
        yield running


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNodeRed]:
    """A Node-RED of a media production, as it has just started."""
    yield from start(tmp_path_factory.mktemp("media"), MODULE)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNodeRed]:
    """A Node-RED of a production that does not name the media nodes."""
    yield from start(tmp_path_factory.mktemp("other"), "node-red-node-random")


def test_an_installation_of_what_is_there_costs_nothing(
    media: RunningNodeRed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_is_installed(*_: object, **__: object) -> NoReturn:
        raise AssertionError("Node-RED was asked to install what it has")

    monkeypatch.setattr(NodeRed, "install", nothing_is_installed)
    entry = find_entry(MODULE)
    assert entry is not None
    event = media.event(moduleName=MODULE, version=entry.version)
    installed = install_module(event, media.client())
    assert installed["version"] == entry.version
    assert set(installed["nodeTypes"]) >= TYPES


def test_its_flows_are_empty_at_the_start(media: RunningNodeRed) -> None:
    assert media.client().flows() == []


def test_a_production_that_does_not_name_them_does_not_have_them(other: RunningNodeRed) -> None:
    assert other.client().module(MODULE) is None
    assert not other.client().node_types() & TYPES
