"""What happens to one production must not happen to another; nor to a machine that comes late."""

import pytest

from tests.faults.fault_totals import FaultTotals
from tests.faults.plan import Call, Fault, FaultKind, Plan, Service
from tests.faults.testbeds import FaultTestbeds

LONG = 300  # s on air: on the scaled clock, longer than its neighbour lives


def launch_of(role: str) -> Call:
    return Call("NewInstance", role, Service.AWS, "RunInstances", 1)


@pytest.mark.parametrize(
    "ending",
    [
        Plan(faults=(Fault(launch_of("encoder"), FaultKind.DENIED),)),
        Plan(faults=(Fault(Call("StartNodeRED", "mixer", Service.AWS, "RunTask", 1), FaultKind.DENIED),)),
        Plan(abort_at="SetUp"),
        Plan(abort_at="OnAir"),
    ],
    ids=str,
)
def test_neighbour_is_unharmed(ending: Plan, testbeds: FaultTestbeds, totals: FaultTotals) -> None:
    results = testbeds.run_side_by_side((ending, Plan(run_seconds=LONG)))
    complaints = [one for result in results for one in totals.add(result).wrong_statuses]
    assert not complaints
    assert not results[-1].left, "after both had ended"
    assert results[1].status == "SUCCEEDED"


def test_launch_that_lands_after_the_teardown(testbeds: FaultTestbeds, totals: FaultTotals) -> None:
    sibling_fails = Fault(launch_of("mixer"), FaultKind.DENIED)
    late = Fault(launch_of("encoder"), FaultKind.LATE_ALWAYS)
    result = testbeds.run(Plan(faults=(sibling_fails, late)))
    assert not totals.add(result).complaints
    assert result.left_by_itself["instances"] == 1, "three requests with one token launch one machine"
    assert [name.partition("-")[0] for name in result.reaped] == ["encoder"]
