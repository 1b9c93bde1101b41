"""Every call of a production, with every kind of fault: those that it gets over several in one production.

``make chaos`` tries each one alone, and at both machines.
"""

import pytest

from tests.faults.grounds import Grounds
from tests.faults.plan import QUICK, Kind
from tests.faults.record import Record, packed, single_faults
from tests.faults.tally import Tally


def test_recorded_productions_come_to_what_they_should(recorded: Record, tally: Tally) -> None:
    complaints = [one for result in recorded.results for one in tally.add(result).complaints]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("kind", QUICK)
def test_every_call(kind: Kind, recorded: Record, grounds: Grounds, tally: Tally) -> None:
    plans = [
        plan for plan in single_faults(recorded.calls(), both_machines=False) if plan.faults[0].kind is kind
    ]
    assert plans
    complaints = [one for result in grounds.run_all(packed(plans)) for one in tally.add(result).complaints]
    assert not complaints, "\n".join(complaints)
