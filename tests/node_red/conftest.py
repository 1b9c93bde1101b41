"""A real Node-RED, with the settings of the container, on a loopback address of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import toolchain
from tests.node_red.running import RunningNodeRed, run_node_red

ADDRESS = "127.0.0.77"
ALLOWED = "node-red-node-random,node-red-node-broken,organist-no-such-module,is-number"


@pytest.fixture(scope="session")
def node_red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNodeRed]:
    """Start Node-RED once for all tests."""
    toolchain.link_node(Path(sys.executable).parent)
    with run_node_red(
        toolchain.NODE_RED_FOLDER,
        Path(sys.executable).parent,
        address=ADDRESS,
        allowed=ALLOWED,
        user_dir=tmp_path_factory.mktemp("node-red"),
    ) as running:
        yield running
