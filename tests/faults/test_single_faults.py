"""Every call of a production, with every kind of fault: those that it gets over several in one production.

``make chaos`` tries each one alone, and at both machines.
"""

import pytest

from tests.faults.expectations import find_leaks, find_wrong_status, is_known_defect
from tests.faults.grounds import Grounds
from tests.faults.plan import SINGLE, Fault, Kind, Plan
from tests.faults.record import Record, packed, single_faults
from tests.faults.tally import Tally


def test_recorded_productions_come_to_what_they_should(recorded: Record, tally: Tally) -> None:
    complaints = [one for result in recorded.results for one in tally.add(result).complaints]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("kind", SINGLE)
def test_every_call(kind: Kind, recorded: Record, grounds: Grounds, tally: Tally) -> None:
    plans = [
        plan
        for plan in single_faults(recorded.calls(), both_machines=False)
        if plan.faults[0].kind is kind and not is_known_defect(plan.faults[0])
    ]
    assert plans
    complaints = [one for result in grounds.run_all(packed(plans)) for one in tally.add(result).complaints]
    assert not complaints, "\n".join(complaints)


@pytest.mark.xfail(
    strict=True,
    reason="ExplainFailure's Catch puts its own error in place of the first one, at $.failed",
)
def test_unexplained_failures(recorded: Record, grounds: Grounds) -> None:
    """An explanation that cannot be had is no reason to name another error than the first."""
    call, road = next(
        (call, road) for call, road in recorded.calls().items() if call.state == "ExplainFailure"
    )
    result = grounds.run(Plan(faults=(Fault(call, Kind.THROTTLED_ALWAYS),), road=road))
    assert not find_leaks(result)
    assert not find_wrong_status(result)
