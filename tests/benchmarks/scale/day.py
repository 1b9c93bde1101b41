"""What many productions a day ask of AWS, by the calls of one, beside what AWS gives back."""

from collections import Counter
from collections.abc import Mapping
from math import ceil

from local_cloud.limits.account_limits import buckets_of
from organist.report.cost_model import FUNCTION_SECONDS, WAITED_SECONDS, cost_lines, total
from organist.report.expected_use import SETUP_SECONDS, TEARDOWN_SECONDS, expected_use

PRODUCTIONS = 10_000
SECONDS = 86_400
RUN_SECONDS = 120
VCPUS_A_MACHINE = 2
DOCUMENT = {
    "mixParams": {"instanceName": "mixer", "instanceType": "c6i.large"},
    "encodeParams": {"instanceName": "encoder", "instanceType": "c6i.large"},
    "runSeconds": RUN_SECONDS,
}


def print_day(calls_of_one: Mapping[str, int]) -> None:
    """Print the table.

    Args:
        calls_of_one: AWS calls of one production by name, as ``service:Action``.
    """
    use = expected_use(DOCUMENT)
    print(f"\n{PRODUCTIONS:,} productions a day, {RUN_SECONDS} s on air each, evenly over the day:\n")
    print(
        "| AWS's bucket | of one production | a second | given back a second | share |\n|---|---|---|---|---|"
    )
    taken, given = _taken(calls_of_one)
    for bucket, tokens in sorted(taken.items(), key=lambda one: -one[1] / given[one[0]]):
        second = tokens * PRODUCTIONS / SECONDS
        print(
            f"| {bucket} | {tokens:.0f} | {second:.2f} | {given[bucket]:.0f} | {second / given[bucket]:.1%} |"
        )
    print("\n| at once, on average | |\n|---|---|")
    there = SETUP_SECONDS + RUN_SECONDS + TEARDOWN_SECONDS
    machines = len(use.machines) * there * PRODUCTIONS / SECONDS
    functions = (use.calls * FUNCTION_SECONDS + WAITED_SECONDS * len(use.machines)) * PRODUCTIONS / SECONDS
    print(f"| productions | {there * PRODUCTIONS / SECONDS:.0f} |")
    print(
        f"| machines, and vCPUs of the account's quota | {machines:.0f}, {machines * VCPUS_A_MACHINE:.0f} |"
    )
    print(f"| functions | {ceil(functions)} |")
    print("\n| a day | | $ |\n|---|---|---|")
    for line in cost_lines(use):
        print(f"| {line.what}, of one: {line.amount} | | {line.usd * PRODUCTIONS:,.0f} |")
    print(f"| state transitions | {use.transitions * PRODUCTIONS:,} | |")
    print(f"| all | | {total(cost_lines(use)) * PRODUCTIONS:,.0f} |")


def _taken(calls: Mapping[str, int]) -> tuple[Counter[str], dict[str, float]]:
    taken: Counter[str] = Counter()
    given = {}
    for call, times in calls.items():
        service, _, action = call.partition(":")
        for bucket, (_, per_second), tokens in buckets_of(service, action):
            taken[bucket] += int(times * tokens)
            given[bucket] = per_second
    return taken, given
