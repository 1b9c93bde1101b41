"""``make bench-size``: what mixer and encoder use of a machine, as machine_sizes.json has it.

It runs the project's own flows on real Node-REDs and FFmpegs, side by side on this computer, at each format:
with the test patterns, and with two files whose pictures move and have noise everywhere, which is about the
most that pictures cost. At the end it prints the figures as they stand in that file.
"""

import json
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lambdas.engines.production_plan import make_production
from lambdas.node_red.errors import NotOnAirYet
from lambdas.production.input_schema import input_schema
from lambdas.production.machines.machine_need import MEASURED_FILE
from lambdas.production.model import ENCODER, MIXER
from local_cloud import toolchain
from tests.benchmarks.by_hand import ByHand, Pair, on_air

# No larger one: two processors do not hold it in real time, and then the link breaks.
FORMATS = ((640, 360, 25), (1280, 720, 25), (1280, 720, 50), (1920, 1080, 25), (1920, 1080, 50))
_PRESET = input_schema()["properties"]["encode"]["properties"]["preset"]
PRESETS: list[str] = _PRESET["enum"]
PRESETS_FORMAT = (1280, 720, 25)
STANDARD_PRESET: str = _PRESET["default"]
TIMES = 2  # the run with less CPU counts: what else runs on this computer only adds to it
MOST_TRIES = 6
SETTLE_SECONDS = 3.0  # the first pictures' buffers and probes
MEASURE_SECONDS = 12.0
FILE_SECONDS = "10"
EXECUTION = {"id": "arn:by-hand", "name": "by-hand", "startTime": "2026-11-22T19:00:00Z"}
MEBIBYTE_KB = 1024

Format = tuple[int, int, int]


class DisturbedRun(Exception):
    """A chain was not on air all the time."""


@dataclass(frozen=True)
class Used:
    """What one machine used: CPU seconds for each second of video, and its most resident memory."""

    cpu: float
    memory_mib: int


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-size-") as name:
        folder = Path(name)
        formats = [_row(size, folder) for size in FORMATS]
        presets = {preset: _preset(preset, folder) for preset in PRESETS}
    standard = presets[STANDARD_PRESET]
    relative = {preset: round(cpu / standard, 2) for preset, cpu in presets.items()}
    rows = ",\n".join(f"      {json.dumps(row)}" for row in formats)
    print(f"The figures of {MEASURED_FILE.name}:")
    print(f'    "date": "{time.strftime("%Y-%m-%d", time.gmtime())}",\n    "processor": "{_processor()}",')
    print(f'    "formats": [\n{rows}\n    ],\n    "presets": {json.dumps(relative)}')


def _row(size: Format, folder: Path) -> dict[str, Any]:
    width, height, rate = size
    row: dict[str, Any] = {"width": width, "height": height, "frameRate": rate}
    for content, sources in (("patterns", None), ("files", _files(size, folder))):
        used = _measure(_document(size, sources), folder / f"{content}-{width}-{rate}")
        row[content] = {role: [round(one.cpu, 2), one.memory_mib] for role, one in used.items()}
        print(f"{width}x{height} {rate}/s {content}: {row[content]}", flush=True)
    return row


def _preset(preset: str, folder: Path) -> float:
    document = _document(PRESETS_FORMAT, _files(PRESETS_FORMAT, folder))
    used = _measure(document | {"encode": {"preset": preset}}, folder / f"preset-{preset}")
    print(f"{preset}: {used[ENCODER].cpu:.2f}", flush=True)
    return used[ENCODER].cpu


def _document(size: Format, sources: list[dict[str, str]] | None) -> dict[str, Any]:
    width, height, rate = size
    machine = {"instanceType": "c6i.large"}
    document: dict[str, Any] = {
        "mixParams": machine | {"instanceName": MIXER},
        "encodeParams": machine | {"instanceName": ENCODER},
        # In the midst of a fade both pictures are seen, and so coded.
        "mix": {"width": width, "height": height, "frameRate": rate, "fader": 0.5},
    }
    return document | ({"sources": sources} if sources else {})


def _files(size: Format, folder: Path) -> list[dict[str, str]]:
    width, height, rate = size
    found = []
    for number, generator in enumerate(("testsrc2", "mandelbrot"), start=1):
        path = folder / f"{number}-{width}-{rate}.mp4"
        if not path.exists():
            pictures = f"{generator}=size={width}x{height}:rate={rate},noise=alls=10:allf=t,format=yuv420p"
            # fmt: off
            command = [
                str(toolchain.ffmpeg()), "-v", "error", "-f", "lavfi", "-i", pictures, "-t", FILE_SECONDS,
                "-c:v", "libx264", "-preset", "superfast", "-crf", "26", str(path),
            ]
            # fmt: on
            subprocess.run(command, check=True)
        found.append({"kind": "file", "location": str(path)})
    return found


def _measure(document: dict[str, Any], folder: Path) -> dict[str, Used]:
    runs: list[dict[str, Used]] = []
    for number in range(MOST_TRIES):
        # With too much else to do on this computer the link may break: such a run says nothing.
        with suppress(NotOnAirYet, DisturbedRun):
            runs.append(_run(document, folder / f"{number}"))
        if len(runs) == TIMES:
            break
    else:
        raise DisturbedRun(f"{MOST_TRIES} runs were disturbed: end what else runs on this computer.")
    return {
        role: Used(min(run[role].cpu for run in runs), max(run[role].memory_mib for run in runs))
        for role in (MIXER, ENCODER)
    }


def _run(document: dict[str, Any], folder: Path) -> dict[str, Used]:
    production = make_production(document, EXECUTION)
    with on_air(production, folder) as pair:
        time.sleep(SETTLE_SECONDS)
        before, frames, cpu = _processes(pair), pair.delivered(), _cpu(pair)
        time.sleep(MEASURE_SECONDS)
        frames_then, cpu_then = pair.delivered(), _cpu(pair)
        if _processes(pair) != before:
            raise DisturbedRun("An FFmpeg was started again.")
        rate = production["mix"]["frameRate"]
        return {
            role: Used(
                (cpu_then[role] - cpu[role]) / ((frames_then[role] - frames[role]) / rate),
                _memory_mib(machine),
            )
            for role, machine in zip((MIXER, ENCODER), pair.machines, strict=True)
        }


def _processes(pair: Pair) -> list[set[int]]:
    return [set(machine.processes) for machine in pair.machines]


def _cpu(pair: Pair) -> dict[str, float]:
    """CPU seconds of each role's processes so far."""
    return {
        role: sum(_cpu_seconds(process) for process in machine.processes)
        for role, machine in zip((MIXER, ENCODER), pair.machines, strict=True)
    }


def _cpu_seconds(process: int) -> float:
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def _memory_mib(machine: ByHand) -> int:
    most = 0
    for process in machine.processes:
        status = Path("/proc", str(process), "status").read_text()
        most += int(status.partition("VmHWM:")[2].split()[0])
    return round(most / MEBIBYTE_KB)


def _processor() -> str:
    message = Path("/proc/cpuinfo").read_text()
    model = message.partition("model name")[2].partition(":")[2].partition("\n")[0].strip()
    return f"{model}, {os.cpu_count()} processors"


if __name__ == "__main__":
    main()
