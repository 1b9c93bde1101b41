"""What every session has: how its tests are shared out between processes, and the fault tests' totals."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.faults.totals"]

# Moto else makes its 1,300 machine images anew for every account, which takes longer than most tests.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

_HERE = Path(__file__).parent
_SHARE_A_FIXTURE = {"faults"}  # folders whose files do


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares a fixture in one process: a file, or a folder (xdist's ``--dist=loadgroup``)."""
    for item in items:
        place = item.path.relative_to(_HERE)
        folder = place.parts[0]
        item.add_marker(pytest.mark.xdist_group(folder if folder in _SHARE_A_FIXTURE else str(place)))
