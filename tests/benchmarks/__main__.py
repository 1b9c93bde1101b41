"""``make bench``: what the project adds to what physics, Node-RED, FFmpeg and boto3 take, as ratios.

Both sides of a ratio are measured in the same run on the same computer, so it means the same elsewhere.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from lambdas.engines.production_plan import make_production
from lambdas.production.model import ENCODER, MIXER
from local_cloud.aws_times import with_aws_times
from local_cloud.paths import REPOSITORY
from local_cloud.settings import LocalCloudSettings
from tests.benchmarks.by_hand import Floor, run_by_hand
from tests.benchmarks.cold_imports import import_seconds
from tests.benchmarks.orchestrated import Execution, run_executions
from tests.benchmarks.parts import BOUNDARIES, JOIN

TIMES = 3
DOCUMENT = REPOSITORY / "step_functions" / "mediaInput.json"
EXECUTION = {"id": "arn:by-hand", "name": "by-hand", "startTime": "2026-11-22T19:00:00Z"}
RESULTS = REPOSITORY / "build" / "bench.json"
MEBIBYTE = 1024 * 1024
ON_AIR_AIM = 1.15
"""The time to on air beside the floor."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--times", type=int, default=TIMES, help="How often the time to on air is measured.")
    parser.add_argument("--aws-times", action="store_true", help="Also with AWS's published times.")
    asked = parser.parse_args()
    document = json.loads(DOCUMENT.read_text()) | {"runSeconds": 1}
    production = make_production(document, EXECUTION)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        floors = [run_by_hand(production, folder / f"by-hand-{number}") for number in range(asked.times)]
        for title, paced in _paces(aws_times=asked.aws_times).items():
            settings = paced(LocalCloudSettings(data_dir=folder / title.replace(" ", "-")))
            executions = run_executions(document, settings, asked.times)
            results[title] = _time_to_on_air(title, executions, floors, _machine_seconds(settings))
    print(f"\n{'':32}{'measured':>10}{'floor':>10}{'ratio':>7}   the floor is")
    _memory(floors)
    _imports()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def _paces(*, aws_times: bool) -> dict[str, Callable[[LocalCloudSettings], LocalCloudSettings]]:
    paces: dict[str, Callable[[LocalCloudSettings], LocalCloudSettings]] = {
        "short times": lambda settings: settings
    }
    return paces | ({"AWS's times": with_aws_times} if aws_times else {})


def _machine_seconds(settings: LocalCloudSettings) -> float:
    """Return the least until Node-RED can start: a boot, a join, the rest of the pull."""
    joined = settings.boot_seconds + settings.join_seconds
    size = next((size for name, size in settings.image_bytes.items() if name in "organist/node-red"), 0)
    return max(joined, settings.boot_seconds + size / settings.pull_bytes_per_second)


def _time_to_on_air(
    title: str, executions: Sequence[Execution], floors: Sequence[Floor], machine: float
) -> dict[str, Any]:
    print(f"\nTo on air, with {title}, of {len(executions)} (median): {'s':>8}{'floor':>8}")
    floor = {JOIN: machine} | {part: median(one.parts[part] for one in floors) for part in floors[0].parts}
    for part in BOUNDARIES.values():
        print(f"  {part:44}{median(one.parts[part] for one in executions):>8.2f}{floor.get(part, 0.0):>8.2f}")
    seconds, whole = sorted(one.seconds for one in executions), sum(floor.values())
    ratio, spread = median(seconds) / whole, seconds[-1] - seconds[0]
    met = "met" if ratio <= ON_AIR_AIM else "not met"
    print(f"  {'all':44}{median(seconds):>8.2f}{whole:>8.2f}   ratio {ratio:.2f} (aim {ON_AIR_AIM}: {met})")
    counts = executions[0].counts
    print(
        f"  spread {spread:.2f} s; {counts.transitions} transitions, {counts.calls} calls of functions, "
        f"{executions[0].events} events"
    )
    measured = [asdict(one) for one in executions]
    return {"executions": measured, "floor": floor, "ratio": ratio, "spread": spread}


def _memory(floors: Sequence[Floor]) -> None:
    for role in (MIXER, ENCODER):
        on_air = median(floor.on_air_bytes[role] for floor in floors) / MEBIBYTE
        idle = median(floor.idle_bytes[role] for floor in floors) / MEBIBYTE
        _print(f"memory of the {role}'s Node-RED", on_air, idle, "MiB", "Node-RED just started")


def _imports() -> None:
    for module, library in (("new_instance", "boto3"), ("check_production", "requests")):
        measured, floor = import_seconds(f"lambdas.{module}"), import_seconds(library)
        _print(f"import of {module}", measured, floor, "s", f"import of {library}")


def _print(name: str, measured: float, floor: float, unit: str, meaning: str) -> None:
    figures = f"{f'{measured:.3g} {unit}':>10}{f'{floor:.3g} {unit}':>10}{measured / floor:>7.2f}"
    print(f"{name:32}{figures}   {meaning}")


if __name__ == "__main__":
    main()
