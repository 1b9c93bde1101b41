"""``make bench``: what the project adds to what physics, Node-RED, FFmpeg and boto3 take, as ratios.

Both sides of a ratio are measured in the same run on the same computer, so it means the same elsewhere.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from lambdas.engines.production_plan import make_production
from lambdas.production.model import ENCODER, MIXER
from local_cloud.aws_times import with_aws_times
from local_cloud.paths import REPOSITORY
from local_cloud.settings import LocalCloudSettings
from organist.report.cost_model import cost_lines, total
from organist.report.expected_use import expected_use
from tests.benchmarks.by_hand import Floor, run_by_hand
from tests.benchmarks.cold_functions import MEBIBYTE, cold_starts, import_seconds
from tests.benchmarks.function_calls import MEMORIES_MIB, TO_ON_AIR, with_memory
from tests.benchmarks.orchestrated import Executions, run_executions
from tests.benchmarks.order_of_2017 import PAUSES_SECONDS
from tests.benchmarks.parts import BOUNDARIES, JOIN, NODE_RED
from tests.benchmarks.sizes import image_layers, package_bytes

TIMES = 3
DOCUMENT = REPOSITORY / "step_functions" / "mediaInput.json"
EXECUTION = {"id": "arn:by-hand", "name": "by-hand", "startTime": "2026-11-22T19:00:00Z"}
RESULTS = REPOSITORY / "build" / "bench.json"
SPREAD_AIM = 0.5
ORDER_OF_2017_AIM = 3
TRANSITIONS_AIMS = {20: 60, 120: 100} | {
    seconds: 100 + 8 * (seconds - 120) / 60 for seconds in (600, 43_200, 86_400)
}
"""By seconds on air: 8 a minute after the first two."""
PLACEMENT_STATES = 2
"""A task is PROVISIONING, then PENDING, before its image is pulled and its container starts."""
EVENTS_A_TRANSITION = 5
"""At the most, of a call: entered, scheduled, started, succeeded, exited."""
MOST_EVENTS = 25_000
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
NOT_MACHINES = ("state transitions", "functions", "logs")


@dataclass(frozen=True)
class Pace:
    """How long things take on the local cloud, and what is aimed at then.

    Attributes:
        title: In words.
        settings: Puts the times into a local cloud's settings.
        most_beside_floor: The time to on air, beside the floor's.
        most_seconds: The time to on air (s); 0 without an aim.
    """

    title: str
    settings: Callable[[LocalCloudSettings], LocalCloudSettings]
    most_beside_floor: float
    most_seconds: float


PACES = (
    Pace("short times", lambda settings: settings, 1.15, 0),
    Pace("AWS's times", with_aws_times, 1.1, 50),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--times", type=int, default=TIMES, help="How often the time to on air is measured.")
    parser.add_argument("--aws-times", action="store_true", help="Also with AWS's published times.")
    asked = parser.parse_args()
    document = json.loads(DOCUMENT.read_text()) | {"runSeconds": 1}
    production = make_production(document, EXECUTION)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        floors = [run_by_hand(production, folder / f"by-hand-{number}") for number in range(asked.times)]
        to_on_air = {}
        for pace in PACES if asked.aws_times else PACES[:1]:
            settings = pace.settings(LocalCloudSettings(data_dir=folder / pace.title.replace(" ", "-")))
            executions = run_executions(document, settings, asked.times)
            call_seconds = executions.call_seconds
            by_hand = _spread([sum(one.parts.values()) for one in floors])
            to_on_air[pace.title] = _time_to_on_air(pace, executions, _floor(floors, settings), by_hand)
        results = {
            "timeToOnAir": to_on_air,
            "memory": _memory(floors),
            "coldStarts": _cold_starts(),
            "callSeconds": _calls(call_seconds),
            "amounts": _amounts(),
            "sizes": _sizes(folder),
        }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nThe same as JSON: {RESULTS.relative_to(REPOSITORY)}")


def _floor(floors: Sequence[Floor], settings: LocalCloudSettings) -> dict[str, float]:
    """Return the least of each part (s): by hand, after what the cloud takes."""
    joined = settings.boot_seconds + settings.join_seconds
    size = next((size for name, size in settings.image_bytes.items() if name in "organist/node-red"), 0)
    pulled = settings.boot_seconds + size / settings.pull_bytes_per_second
    by_hand = {part: median(one.parts[part] for one in floors) for part in floors[0].parts}
    placed = max(PLACEMENT_STATES * settings.placement_seconds, pulled - joined)
    return {JOIN: joined} | by_hand | {NODE_RED: placed + by_hand[NODE_RED]}


def _spread(seconds: Sequence[float]) -> float:
    return max(seconds) - min(seconds)


def _time_to_on_air(
    pace: Pace, executions: Executions, floor: Mapping[str, float], spread_by_hand: float
) -> dict[str, Any]:
    ours = executions.ours
    print(f"\n| to on air, with {pace.title}: median of {len(ours)} | s | floor, s |\n|---|---|---|")
    for part in BOUNDARIES.values():
        print(f"| {part} | {median(one.parts[part] for one in ours):.2f} | {floor.get(part, 0.0):.2f} |")
    whole, seconds = sum(floor.values()), [one.seconds for one in ours]
    middle, spread, then = median(seconds), _spread(seconds), executions.in_2017.seconds
    cold = executions.cold.seconds
    print(f"| all | {middle:.2f} | {whole:.2f} |\n\n| with {pace.title} | | aim | |\n|---|---|---|---|")
    _print_aim("beside the floor", middle / whole, pace.most_beside_floor)
    _print_aim("from the fastest to the slowest, s", spread, SPREAD_AIM)
    print(f"| the same by hand, s | {spread_by_hand:.2f} | | |")
    if pace.most_seconds:
        _print_aim("the first, whose functions are cold, s", cold, pace.most_seconds)
    else:
        print(f"| the first, whose functions are cold, s | {cold:.2f} | | |")
    _print_aim("the order of 2017, beside this", then / middle, ORDER_OF_2017_AIM, at_least=True)
    print(f"\nThe order of 2017 took {then:.2f} s, {PAUSES_SECONDS} s of them fixed pauses.")
    return {
        "executions": asdict(executions),
        "floor": dict(floor),
        "ratio": middle / whole,
        "spread": spread,
        "spreadByHand": spread_by_hand,
    }


def _memory(floors: Sequence[Floor]) -> dict[str, float]:
    print("\n| memory | on air, MiB | just started, MiB |\n|---|---|---|")
    on_air = {
        role: median(floor.on_air_bytes[role] for floor in floors) / MEBIBYTE for role in (MIXER, ENCODER)
    }
    for role, mebibytes in on_air.items():
        idle = median(floor.idle_bytes[role] for floor in floors) / MEBIBYTE
        print(f"| the {role}'s Node-RED | {mebibytes:.0f} | {idle:.0f} |")
    return on_air


def _cold_starts() -> list[dict[str, Any]]:
    measured = list(cold_starts())
    print("\n| function, cold | until it can be called, s | holds then, MiB | of, MiB |\n|---|---|---|---|")
    for one in measured:
        print(f"| {one.name} | {one.seconds:.2f} | {one.resident_mib:.0f} | {one.memory_mib} |")
    for library in ("boto3", "requests"):
        print(f"| (import of {library}) | {import_seconds(library):.2f} | | |")
    return [asdict(one) for one in measured]


def _calls(seconds: dict[str, float]) -> dict[str, float]:
    memories = " | ".join(f"at {memory} MiB, ms" for memory in MEMORIES_MIB)
    print(
        f"\n| function, warm: a call | processor, ms | {memories} |\n"
        + "|---" * (2 + len(MEMORIES_MIB))
        + "|"
    )
    to_on_air = {"to on air, one after the other": sum(seconds[name] for name in TO_ON_AIR)}
    for name, taken in (seconds | to_on_air).items():
        slower = " | ".join(f"{1000 * with_memory(taken, memory):.0f}" for memory in MEMORIES_MIB)
        print(f"| {name} | {1000 * taken:.0f} | {slower} |")
    return seconds


def _amounts() -> list[dict[str, Any]]:
    document = json.loads(DOCUMENT.read_text())
    print(
        "\n| on air | transitions | aim | calls of functions | $ | of it, machines | events |\n"
        + "|---" * 7
        + "|"
    )
    rows = []
    for seconds, aim in TRANSITIONS_AIMS.items():
        use = expected_use(document | {"runSeconds": seconds})
        lines = cost_lines(use)
        machines = total([line for line in lines if line.what not in NOT_MACHINES])
        events = EVENTS_A_TRANSITION * use.transitions
        rows.append(
            {"seconds": seconds, "transitions": use.transitions, "calls": use.calls, "usd": total(lines)}
        )
        print(
            f"| {seconds} s | {use.transitions} | {aim:.0f} | {use.calls} | {total(lines):.3f} "
            f"| {machines:.3f} | {events} |"
        )
    print(f"\nStep Functions keeps {MOST_EVENTS:,} events of an execution at the most.")
    return rows


def _sizes(folder: Path) -> dict[str, Any]:
    zipped, unzipped = package_bytes(folder / "package")
    layers = image_layers(folder / "image")
    print("\n| size | MB, compressed |\n|---|---|")
    print(f"| the functions' zip ({unzipped / 1e6:.1f} MB unzipped) | {zipped / 1e6:.1f} |")
    for layer, size in layers.items():
        print(f"| image: {layer} | {size / 1e6:.1f} |")
    print(f"| image: all | {sum(layers.values()) / 1e6:.1f} |")
    return {"zip": zipped, "unzipped": unzipped, "image": layers}


def _print_aim(what: str, figure: float, aim: float, *, at_least: bool = False) -> None:
    is_met = figure >= aim if at_least else figure <= aim
    bound, met = "at least" if at_least else "at most", "met" if is_met else "not met"
    print(f"| {what} | {figure:.2f} | {bound} {aim} | {met} |")


if __name__ == "__main__":
    main()
