"""A redrive of an execution whose machines are gone: it ends by itself, as it should, and leaves nothing."""

from tests.faults.expectations import find_leaks
from tests.faults.fault_totals import FaultTotals
from tests.faults.plan import Call, Fault, FaultKind, Plan, Result, Service
from tests.faults.recorded_calls import RecordedCalls, aborts
from tests.faults.states import top_level
from tests.faults.testbeds import FaultTestbeds

ENDS = ("Succeeded", "Failed", "TearDownIncomplete")


def leaks(totals: FaultTotals, results: tuple[Result, ...]) -> list[str]:
    totals.productions += len(results)
    totals.faults += 1
    found = [message for result in results for message in find_leaks(result)]
    totals.leaks += found
    return found


def test_failed_production_fails_again_with_its_error_and_starts_nothing(
    recorded: RecordedCalls, testbeds: FaultTestbeds, totals: FaultTotals
) -> None:
    failed = [Plan(branch=result.plan.branch) for result in recorded.bad if result.status == "FAILED"]
    assert failed
    for first, again in testbeds.run_and_redrive_all(failed):
        assert (again.status, again.error) == ("FAILED", first.error), str(again.plan)
        assert not again.calls, f"{again.plan}: {again.calls}"
        assert not leaks(totals, (first, again))


def test_stopped_production_goes_on_to_its_end(
    recorded: RecordedCalls, testbeds: FaultTestbeds, totals: FaultTotals
) -> None:
    # Stopped within a Map, it goes on with the whole Map.
    plans = [plan for plan in aborts(recorded.states()) if plan.abort_at in top_level() and not plan.branch]
    assert {plan.abort_at for plan in plans} >= {"LaunchAndWake", "SetUp", "OnAir", "TearDown"}
    for first, again in testbeds.run_and_redrive_all(plans):
        assert not leaks(totals, (first, again))
        assert again.states[-1] in ENDS, str(again.plan)
        assert (again.status == "SUCCEEDED") == (again.states[-1] == "Succeeded")


def test_launch_that_was_cleared_away_is_not_taken_for_a_machine(
    testbeds: FaultTestbeds, totals: FaultTotals
) -> None:
    # The encoder is asked for again and again; by then the mixer is there.
    throttled = Fault(
        Call("NewInstance", "encoder", Service.AWS, "RunInstances", 1), FaultKind.THROTTLED_ALWAYS
    )
    plan = Plan(faults=(throttled,), abort_at="LaunchFailed")
    ((first, again),) = testbeds.run_and_redrive_all([plan])
    assert [name for name in first.reaped if name.startswith("mixer")]
    assert (again.status, again.error) == ("FAILED", "InstanceGone")
    assert "redrive" in again.cause
    assert not leaks(totals, (first, again))
