"""What happens to one production must not happen to another; nor to a machine that comes late."""

import pytest

from tests.faults.grounds import Grounds
from tests.faults.plan import Call, Fault, Kind, Plan, Service
from tests.faults.tally import Tally

LONG = 300  # s on air: on the scaled clock, longer than its neighbour lives


def launch_of(role: str) -> Call:
    return Call("NewInstance", role, Service.AWS, "RunInstances", 1)


@pytest.mark.parametrize(
    "ending",
    [
        Plan(faults=(Fault(launch_of("encoder"), Kind.DENIED),)),
        Plan(faults=(Fault(Call("StartNodeRED", "mixer", Service.AWS, "RunTask", 1), Kind.DENIED),)),
        Plan(abort_at="SetUp"),
        Plan(abort_at="OnAir"),
    ],
    ids=str,
)
def test_neighbour_is_unharmed(ending: Plan, grounds: Grounds, tally: Tally) -> None:
    results = grounds.run_side_by_side((ending, Plan(run_seconds=LONG)))
    complaints = [one for result in results for one in tally.add(result).wrong_statuses]
    assert not complaints
    assert not results[-1].left, "after both had ended"
    assert results[1].status == "SUCCEEDED"


def test_launch_that_lands_after_the_teardown(grounds: Grounds, tally: Tally) -> None:
    sibling_fails = Fault(launch_of("mixer"), Kind.DENIED)
    late = Fault(launch_of("encoder"), Kind.LATE_ALWAYS)
    result = grounds.run(Plan(faults=(sibling_fails, late)))
    assert not tally.add(result).complaints
    assert result.left_by_itself["instances"] == 1, "three requests with one token launch one machine"
    assert [name.partition("-")[0] for name in result.reaped] == ["encoder"]
