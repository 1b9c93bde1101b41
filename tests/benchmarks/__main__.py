"""``make bench``: what the project adds to what physics, Node-RED, FFmpeg and boto3 take, as ratios.

Both sides of a ratio are measured in the same run on the same computer, so it means the same elsewhere.
"""

import json
import tempfile
from pathlib import Path
from statistics import median

from lambdas.engines.production_plan import make_production
from lambdas.production.model import ENCODER, MIXER
from local_cloud.paths import REPOSITORY
from local_cloud.settings import LocalCloudSettings
from tests.benchmarks.by_hand import Floor, run_by_hand
from tests.benchmarks.cold_imports import import_seconds
from tests.benchmarks.orchestrated import run_executions

TIMES = 3
DOCUMENT = REPOSITORY / "step_functions" / "mediaInput.json"
EXECUTION = {"id": "arn:by-hand", "name": "by-hand", "startTime": "2026-11-22T19:00:00Z"}
MEBIBYTE = 1024 * 1024


def main() -> None:
    """Measure and print."""
    document = json.loads(DOCUMENT.read_text()) | {"runSeconds": 1}
    production = make_production(document, EXECUTION)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        floors = [run_by_hand(production, folder / f"by-hand-{number}") for number in range(TIMES)]
        executions = run_executions(document, folder / "cloud", TIMES)
    print(f"{'':32}{'measured':>10}{'floor':>10}{'ratio':>7}   the floor is")
    _time_to_on_air(executions, floors)
    _memory(floors)
    _imports()


def _time_to_on_air(executions: list[float], floors: list[Floor]) -> None:
    times = LocalCloudSettings(data_dir=Path())
    boot = times.boot_seconds + times.join_seconds
    floor = boot + median(floor.seconds for floor in floors)
    meaning = f"a machine's boot, {boot} s here, then Node-RED and FFmpeg by hand"
    _print("time to on air", median(executions), floor, "s", meaning)


def _memory(floors: list[Floor]) -> None:
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
