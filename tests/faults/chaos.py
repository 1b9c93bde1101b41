"""The long walk, behind ``make chaos``: every fault at every machine, every abort, and pairs by chance.

Usage: ``python -m tests.faults.chaos [PAIRS [SEED]]``. The exit code is 0 only if nothing leaked and every
status was right.
"""

import random
import sys
import time

from tests.faults.fault_totals import FaultTotals
from tests.faults.recorded_calls import aborts, pairs_of, record, single_faults
from tests.faults.testbeds import FaultTestbeds

PAIRS = 300


def main() -> int:
    """Walk, and print the totals."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    began, totals = time.monotonic(), FaultTotals()
    with FaultTestbeds() as testbeds:
        recorded = record(testbeds)
        chance = random.Random(seed)  # noqa: S311 - a walk, not a secret
        plans = [*single_faults(recorded.calls(), both_machines=True), *aborts(recorded.states())]
        print(f"{len(recorded.calls())} calls; {len(plans)} plans, then {pairs} pairs with seed {seed}")
        for result in recorded.results:
            totals.add(result)
        for number, result in enumerate(testbeds.run_all(plans), start=1):
            _tell(totals.add(result), number, f"{number} of {len(plans)}")
        walk = [pairs_of(recorded, chance) for _ in range(pairs)]
        for number, result in enumerate(testbeds.run_all(walk), start=1):
            _tell(totals.add(result, must_reach=False), number, f"pair {number} of {pairs}")
    print(f"{totals}, seconds: {time.monotonic() - began:.0f}")
    return 1 if totals.complaints else 0


def _tell(alone: FaultTotals, number: int, where: str) -> None:
    if number % 50 == 0:
        print(where, flush=True)
    for complaint in alone.complaints:
        print(f"{where}: {complaint}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
