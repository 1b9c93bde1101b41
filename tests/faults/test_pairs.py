"""Two faults in one production: a short walk, the same each time. ``make chaos`` walks further."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.grounds import Grounds
from tests.faults.plan import Fault, Plan
from tests.faults.record import Record, kinds_for
from tests.faults.tally import Tally


def faults(recorded: Record) -> st.SearchStrategy[Fault]:
    calls = sorted({call for result in recorded.good for call in result.calls})
    return st.sampled_from(calls).flatmap(
        lambda call: st.sampled_from(kinds_for(call)).map(lambda kind: Fault(call, kind))
    )


@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_pairs(data: st.DataObject, recorded: Record, grounds: Grounds, tally: Tally) -> None:
    plan = Plan(faults=(data.draw(faults(recorded)), data.draw(faults(recorded))))
    assert not tally.add(grounds.run_once(plan), must_reach=False).complaints
