"""Both stand-in servers, started once, with every recorded document in them."""

from collections.abc import Iterator

import pytest

from tests.metrics.support.recordings import leaving
from tests.metrics.support.stores import Store, elasticsearch, opensearch


@pytest.fixture(scope="package", params=[elasticsearch, opensearch], ids=["elasticsearch", "opensearch"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A server with the templates and every recorded document; none was refused."""
    with request.param(tmp_path_factory.mktemp("store")) as running:
        refused = [item for item in running.bulk(leaving()) if item["status"] >= 300]
        assert refused == []
        yield running
