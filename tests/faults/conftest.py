"""The grounds and the record, once for all tests of this folder; and the count of its faults."""

from collections.abc import Iterator

import pytest

from tests.faults import totals
from tests.faults.grounds import Grounds
from tests.faults.record import Record, record
from tests.faults.tally import Tally


@pytest.fixture(scope="package")
def grounds() -> Iterator[Grounds]:
    """Where productions run."""
    with Grounds() as several:
        yield several


@pytest.fixture(scope="package")
def recorded(grounds: Grounds) -> Record:
    """What productions call and which states they enter."""
    return record(grounds)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """The count of the whole session."""
    return totals.of_session(request.config)
