"""Records what productions ask IAM for, which `organist doctor` asks about: ``make calls``."""

from collections.abc import Iterable

from organist.doctor.checked_calls import CALLS_FILE, CheckedCall, write_calls
from tests.faults.plan import Result
from tests.faults.recorded_calls import aborts, record
from tests.faults.testbeds import FaultTestbeds


def asked_by(results: Iterable[Result]) -> frozenset[CheckedCall]:
    """Return what all of these productions asked for."""
    return frozenset[CheckedCall]().union(*(result.asked for result in results))


def main() -> None:
    """RecordedCalls and write."""
    with FaultTestbeds() as testbeds:
        recorded = record(testbeds)
        aborted = list(testbeds.run_all(aborts(recorded.states())))
    calls = asked_by([*recorded.results, *aborted])
    write_calls(calls)
    print(f"{len(calls)} calls in {CALLS_FILE}")


if __name__ == "__main__":
    main()
