"""How tests are shared out between processes that run side by side."""

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_SHARE_A_FIXTURE = {"faults"}  # folders whose files do


def place(test: str) -> str:
    """Return what a test, named by its id, shares a process with: its file, or its folder."""
    file = PurePosixPath(test.partition("::")[0])
    return str(file.parent if file.parent.name in _SHARE_A_FIXTURE else file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that stay together: begun last, one process would end alone with them."""
    items.sort(key=lambda item: place(item.nodeid).endswith(".py"))


class ByPlace(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Keep what shares a fixture in one process: a file, or a folder.

    Not ``--dist=loadgroup``, which shares nothing out by its groups with pytest 9.2
    (https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return place(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPlace:
    """Say that it is done so."""
    return ByPlace(config, log)
