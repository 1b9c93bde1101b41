"""A real Node-RED, with the settings of the container, on a loopback address of its own."""

from collections.abc import Iterator

import pytest

from tests.node_red.running import RunningNodeRed, run_our_node_red

ADDRESS = "127.0.0.77"
ALLOWED = "node-red-node-random,node-red-node-broken,organist-no-such-module,is-number"


@pytest.fixture(scope="session")
def node_red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNodeRed]:
    """Start Node-RED once for all tests."""
    with run_our_node_red(ADDRESS, ALLOWED, tmp_path_factory.mktemp("node-red")) as running:
        yield running
