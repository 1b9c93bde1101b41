"""A redrive of an execution whose machines are gone: it ends by itself, as it should, and on clean ground."""

from tests.faults.expectations import find_leaks
from tests.faults.grounds import Grounds
from tests.faults.plan import Call, Fault, Kind, Plan, Result, Service
from tests.faults.record import Record, aborts
from tests.faults.states import top_level
from tests.faults.tally import Tally

ENDS = ("Succeeded", "Failed", "TearDownIncomplete")


def leaks(tally: Tally, results: tuple[Result, ...]) -> list[str]:
    tally.productions += len(results)
    tally.faults += 1
    found = [told for result in results for told in find_leaks(result)]
    tally.leaks += found
    return found


def test_failed_production_fails_again_with_its_error_and_starts_nothing(
    recorded: Record, grounds: Grounds, tally: Tally
) -> None:
    failed = [Plan(road=result.plan.road) for result in recorded.bad if result.status == "FAILED"]
    assert failed
    for first, again in grounds.run_and_redrive_all(failed):
        assert (again.status, again.error) == ("FAILED", first.error), str(again.plan)
        assert not again.calls, f"{again.plan}: {again.calls}"
        assert not leaks(tally, (first, again))


def test_stopped_production_goes_on_to_its_end(recorded: Record, grounds: Grounds, tally: Tally) -> None:
    # Stopped within a Map, it goes on with the whole Map.
    plans = [plan for plan in aborts(recorded.states()) if plan.abort_at in top_level() and not plan.road]
    assert {plan.abort_at for plan in plans} >= {"LaunchAndWake", "SetUp", "OnAir", "TearDown"}
    for first, again in grounds.run_and_redrive_all(plans):
        assert not leaks(tally, (first, again))
        assert again.states[-1] in ENDS, str(again.plan)
        assert (again.status == "SUCCEEDED") == (again.states[-1] == "Succeeded")


def test_launch_that_was_cleared_away_is_not_taken_for_a_machine(grounds: Grounds, tally: Tally) -> None:
    # The encoder is asked for again and again; by then the mixer is there.
    throttled = Fault(Call("NewInstance", "encoder", Service.AWS, "RunInstances", 1), Kind.THROTTLED_ALWAYS)
    plan = Plan(faults=(throttled,), abort_at="LaunchFailed")
    ((first, again),) = grounds.run_and_redrive_all([plan])
    assert [name for name in first.reaped if name.startswith("mixer")]
    assert (again.status, again.error) == ("FAILED", "InstanceGone")
    assert "redrive" in again.cause
    assert not leaks(tally, (first, again))
