"""An execution that is stopped, or runs out of time, in whatever state: one call of the reaper clears up."""

from tests.faults.fault_totals import FaultTotals
from tests.faults.plan import Plan
from tests.faults.recorded_calls import RecordedCalls, aborts
from tests.faults.states import all_states
from tests.faults.test_after_weeks import ASLEEP
from tests.faults.testbeds import FaultTestbeds

ENTERED_BY_THE_ENGINE_ALONE = {"TearDownLost"}  # when the Map itself fails, not what it does for a machine
LONGEST_ON_AIR = 86400


def test_every_state_is_on_some_branch(recorded: RecordedCalls) -> None:
    never = set(all_states()) - set(recorded.states())
    assert never == ENTERED_BY_THE_ENGINE_ALONE | ASLEEP, "test_after_weeks comes to those that are asleep"


def test_stopped_as_each_state_is_entered(
    recorded: RecordedCalls, testbeds: FaultTestbeds, totals: FaultTotals
) -> None:
    plans = list(aborts(recorded.states()))
    assert len(plans) > 30
    complaints = [one for result in testbeds.run_all(plans) for one in totals.add(result).complaints]
    assert not complaints, "\n".join(complaints)


def test_out_of_time(testbeds: FaultTestbeds, totals: FaultTotals) -> None:
    result = testbeds.run(Plan(machine_seconds=2, run_seconds=LONGEST_ON_AIR))
    assert not totals.add(result).complaints
    assert result.reaped, "nothing was there to be removed"
