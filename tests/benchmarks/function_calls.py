"""What a warm call of each function takes of a processor, and so how long with less memory. Linux only.

Lambda gives processor by memory: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

ONE_PROCESSOR_MIB = 1769
MEMORIES_MIB = (128, 256, 512, 1024)
LOGS = "lambda"
"""The folder of a local cloud in which each function's output is."""
TO_ON_AIR = (
    "validateInput",
    "newInstance",
    "makeAMix",
    "makeAnEncode",
    "startNodeRED",
    "makeModuleParams",
    "installNodeREDModule",
    "deployNodeREDModule",
    "checkProduction",
)
"""The functions that a production waits for until it is on air, one after the other."""


def processor_seconds() -> Mapping[str, float]:
    """Return what the functions of this process's local cloud have taken of a processor so far, by name."""
    taken: defaultdict[str, float] = defaultdict(float)
    for process in psutil.Process().children(recursive=True):
        try:
            output = Path(f"/proc/{process.pid}/fd/1").readlink()
            times = process.cpu_times()
        except (OSError, psutil.NoSuchProcess):
            continue
        if output.parent.name == LOGS:
            taken[_name(output.stem)] += times.user + times.system
    return taken


def calls_of(events: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count the calls of each function in a history."""
    scheduled = (event["taskScheduledEventDetails"] for event in events if event["type"] == "TaskScheduled")
    return dict(Counter(_name(json.loads(details["parameters"])["FunctionName"]) for details in scheduled))


def seconds_a_call(
    before: Mapping[str, float], after: Mapping[str, float], calls: Mapping[str, int]
) -> dict[str, float]:
    """Return the processor's seconds of a call of each function that was called between two moments."""
    return {name: (after[name] - before.get(name, 0)) / count for name, count in calls.items() if count}


def with_memory(seconds: float, mebibytes: int) -> float:
    """Return how long (s) what takes a whole processor so long takes with so much memory."""
    return seconds * max(1, ONE_PROCESSOR_MIB / mebibytes)


def _name(function: str) -> str:
    """Return a function's name without the stack's, from its ARN or its log."""
    return re.split("[:-]", function)[-1]
