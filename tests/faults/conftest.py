"""The grounds and the record, once for all tests of this folder; and the totals at the end."""

from collections.abc import Iterator

import pytest

from tests.faults.grounds import Grounds
from tests.faults.record import Record, record
from tests.faults.tally import Tally

_total = pytest.StashKey[Tally]()


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
    return request.config.stash.setdefault(_total, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was tried."""
    if _total in config.stash:
        total = config.stash[_total]
        terminalreporter.write_line(f"fault injection: {total}")
        for complaint in total.complaints:
            terminalreporter.write_line(complaint)
