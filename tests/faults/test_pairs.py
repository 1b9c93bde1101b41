"""Two faults in one production: a short walk, the same each time. ``make chaos`` walks further."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.fault_totals import FaultTotals
from tests.faults.recorded_calls import RecordedCalls, pairs_of
from tests.faults.testbeds import FaultTestbeds


@settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(number=st.integers(0, 2**32))
def test_pairs(number: int, run_pair: Callable[[int], list[str]]) -> None:
    complaints = run_pair(number)
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def run_pair(
    recorded: RecordedCalls, testbeds: FaultTestbeds, totals: FaultTotals
) -> Callable[[int], list[str]]:
    """Run the pair of a number and return what is wrong with what came of it."""

    def run(number: int) -> list[str]:
        plan = pairs_of(recorded, Random(number))  # noqa: S311 - a walk, not a secret
        return totals.add(testbeds.run_once(plan), must_reach=False).complaints

    return run
