"""What a production needs of each machine: processor and memory, by what ``make bench-size`` measured."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.modules.catalogue import Engine
from lambdas.production.key_frames import exact_rate
from lambdas.production.model import ENCODER, MIXER
from lambdas.production.source_recordings import recorded_sources

MEASURED_FILE = Path(__file__).with_name("machine_sizes.json")
PATTERNS, FILES = "patterns", "files"
MEASURED_SOURCES = 2
WORK = {MIXER: "mixing", ENCODER: "encoding"}


@dataclass(frozen=True)
class Need:
    """What a machine has to do.

    Attributes:
        work: What it does, in words.
        least_cpu: CPU seconds for each second of video that it takes with the easiest pictures there are.
        cpu: CPU seconds for each second of video that it takes with pictures of the production's kind.
        memory_mib: The resident memory of Node-RED and FFmpeg.
        measured: Whether this engine was measured; otherwise the figures are the media engine's.
    """

    work: str
    least_cpu: float
    cpu: float
    memory_mib: float
    measured: bool


@cache
def machine_sizes() -> dict[str, Any]:
    """Return ``machine_sizes.json``: what was measured, and what is known of EC2's types."""
    sizes: dict[str, Any] = json.loads(MEASURED_FILE.read_text())
    return sizes


def machine_need(role: str, engine: Engine, document: dict[str, Any]) -> Need:
    """Return what a machine has to do.

    Args:
        role: The machine's.
        engine: The production's. dynamorse's modules cannot be measured, because npm lacks some of them: they
            are taken to need what the media engine needs for files, which they decode, mix and encode, too.
        document: The document with every default filled in.
    """
    mix = document["mix"]
    rate = float(exact_rate(mix["frameRate"]))
    pixels_a_second = mix["width"] * mix["height"] * rate
    all_patterns = all(source["kind"] == "pattern" for source in document["sources"])
    content = PATTERNS if all_patterns else FILES
    least_cpu, _ = _reckon(role, PATTERNS, pixels_a_second)
    cpu, memory = _reckon(role, content, pixels_a_second)
    harder, beside = 1.0, 0.0
    if role == MIXER:
        # What was measured decodes two sources; each further one is taken to cost half as much again.
        decoded = sum(source["kind"] != "pattern" for source in document["sources"])
        cpu += (cpu - least_cpu) * max(0, decoded - MEASURED_SOURCES) / MEASURED_SOURCES
        if engine is Engine.MEDIA:
            recorded = len(recorded_sources(document))
            beside = recorded * _reckon(ENCODER, content, pixels_a_second)[0] * _preset(document)
            memory += recorded * _recording_memory(mix["width"] * mix["height"])
    elif engine is Engine.MEDIA:
        harder = _preset(document)
        # Each rendition is taken to cost what an H.264 programme of its size does, as a recorded source is.
        sizes = [width * height for width, height in rendition_sizes(document)]
        share = sum(sizes) / (mix["width"] * mix["height"])
        beside = sum(_reckon(role, content, size * rate)[0] for size in sizes) * harder
        memory *= 1 + share
        harder *= machine_sizes()["codecs"]["besideH264"][document["encode"]["codec"]]
    work = f"{WORK[role]} {mix['width']}x{mix['height']} at {mix['frameRate']} frames/s"
    cpus = (least_cpu * harder + beside, cpu * harder + beside)
    return Need(work, *cpus, memory, measured=engine is Engine.MEDIA)


def _preset(document: dict[str, Any]) -> float:
    factor: float = machine_sizes()["measured"]["presets"][document["encode"]["preset"]]
    return factor


def _recording_memory(pixels: int) -> float:
    """MiB of what encodes and records one source."""
    known = machine_sizes()["sourceRecording"]
    return float(known["memoryMiB"] + known["memoryMiBAMegapixel"] * pixels / 1e6)


def rendition_sizes(document: dict[str, Any]) -> Sequence[tuple[int, int]]:
    """Return width and height of each rendition of a document with its defaults, as the engine makes it."""
    mix = document["mix"]
    shape = mix["width"] / mix["height"]
    return [
        (one.get("width") or 2 * int(shape * one["height"] / 2 + 0.5), one["height"])
        for one in document["encode"]["renditions"]
    ]


def _reckon(role: str, content: str, pixels_a_second: float) -> tuple[float, float]:
    """CPU and memory between the measured formats next to it; of the smallest at the least."""
    rows = sorted(
        (row["width"] * row["height"] * row["frameRate"], *row[content][role])
        for row in machine_sizes()["measured"]["formats"]
    )
    # Node-RED and FFmpeg take their share however small the pictures are.
    below = (0, *rows[0][1:])
    for above in rows:
        if pixels_a_second <= above[0]:
            share = (pixels_a_second - below[0]) / (above[0] - below[0])
            cpu, memory = (
                one + share * (other - one) for one, other in zip(below[1:], above[1:], strict=True)
            )
            return cpu, memory
        below = above
    largest = rows[-1]
    return tuple(figure * pixels_a_second / largest[0] for figure in largest[1:])
