"""Every call of a production, with every kind of fault: those that it gets over several in one production.

``make chaos`` tries each one alone, and at both machines.
"""

import pytest

from tests.faults.fault_totals import FaultTotals
from tests.faults.plan import QUICK, FaultKind
from tests.faults.recorded_calls import RecordedCalls, packed, single_faults
from tests.faults.testbeds import FaultTestbeds


def test_recorded_productions_come_to_what_they_should(recorded: RecordedCalls, totals: FaultTotals) -> None:
    complaints = [one for result in recorded.results for one in totals.add(result).complaints]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("kind", QUICK)
def test_every_call(
    kind: FaultKind, recorded: RecordedCalls, testbeds: FaultTestbeds, totals: FaultTotals
) -> None:
    plans = [
        plan for plan in single_faults(recorded.calls(), both_machines=False) if plan.faults[0].kind is kind
    ]
    assert plans
    complaints = [one for result in testbeds.run_all(packed(plans)) for one in totals.add(result).complaints]
    assert not complaints, "\n".join(complaints)
