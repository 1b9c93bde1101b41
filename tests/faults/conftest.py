"""The testbeds and the record, once for all tests of this folder; and the count of its faults."""

from collections.abc import Iterator

import pytest

from tests.faults import session_totals
from tests.faults.fault_totals import FaultTotals
from tests.faults.recorded_calls import RecordedCalls, record
from tests.faults.testbeds import FaultTestbeds


@pytest.fixture(scope="package")
def testbeds() -> Iterator[FaultTestbeds]:
    """Where productions run."""
    with FaultTestbeds() as several:
        yield several


@pytest.fixture(scope="package")
def recorded(testbeds: FaultTestbeds) -> RecordedCalls:
    """What productions call and which states they enter."""
    return record(testbeds)


@pytest.fixture
def totals(request: pytest.FixtureRequest) -> FaultTotals:
    """The count of the whole session."""
    return session_totals.of_session(request.config)
