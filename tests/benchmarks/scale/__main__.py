"""``make scale``: productions that begin at once, with AWS's published limits and without; prints a table.

Real handlers and the real state machine on a local cloud; Node-RED and media are doubles.
"""

import argparse
import json
import sys
from dataclasses import asdict
from statistics import median

from local_cloud.paths import REPOSITORY
from tests.benchmarks.scale.account import Outcome
from tests.benchmarks.scale.cases import ALL, ONE, QUICK, Case, run
from tests.benchmarks.scale.day import print_day

RESULTS = REPOSITORY / "build" / "scale.json"
HEAD = (
    "| at once | limits | succeeded | left | on air, median | on air, last | all | calls each "
    "| refused each |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
NOT_OURS = ("lambda", "states")
"""Whose refusals are of what the state machine and the person ask, not the functions."""


def main() -> int:
    """Measure and print; return 1 if a production failed or left something."""
    parser = argparse.ArgumentParser(prog="make scale")
    parser.add_argument("--quick", action="store_true", help="The smallest cases only.")
    results, good = [], True
    print(HEAD)
    for case in QUICK if parser.parse_args().quick else ALL:
        outcome = run(case)
        good = good and outcome.statuses == {"SUCCEEDED": case.productions} and not outcome.left
        print(_row(case, outcome), flush=True)
        for error, times in outcome.errors.items():
            print(f"  {times} times {error}", file=sys.stderr)
        results.append({"case": asdict(case), "outcome": vars(outcome)})
        if case == ONE:
            calls_of_one = outcome.calls
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print_day(calls_of_one)
    print(f"\nEach call by name: {RESULTS.relative_to(REPOSITORY)}")
    return 0 if good else 1


def _row(case: Case, outcome: Outcome) -> str:
    count, seconds = case.productions, outcome.on_air_seconds or [0.0]
    refused = sum(times for call, times in outcome.refused.items() if not call.startswith(NOT_OURS))
    calls = sum(outcome.calls.values()) - refused
    return (
        f"| {count} | {case.limits} | {outcome.statuses['SUCCEEDED']} | {sum(outcome.left.values())} "
        f"| {median(seconds):.1f} s | {seconds[-1]:.1f} s | {outcome.seconds:.0f} s | {calls / count:.0f} "
        f"| {sum(outcome.refused.values()) / count:.1f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
