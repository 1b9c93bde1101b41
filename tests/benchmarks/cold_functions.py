"""What a function's code costs when Lambda starts it cold: its import, and its clients, in a fresh Python."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from local_cloud.paths import REPOSITORY
from local_cloud.provisioning.template import read_template
from local_cloud.settings import ACCESS_KEY, REGION

TIMES = 5
ENVIRONMENT = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",  # clients are made while Lambda starts the process
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
}
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class ColdStart:
    """One function's: until it can be called (s), what it holds then, and the memory that it has (MiB)."""

    name: str
    seconds: float
    resident_mib: float
    memory_mib: int


def cold_starts() -> Iterator[ColdStart]:
    """Measure each function of the template, by its handler's module."""
    for resource in read_template(REPOSITORY / "template.yaml")["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        module = properties["Handler"].rpartition(".")[0]
        program = f"import {module}"
        yield ColdStart(
            module.rpartition(".")[2],
            import_seconds(module),
            _resident_bytes(program) / MEBIBYTE,
            properties["MemorySize"],
        )


def import_seconds(modules: str) -> float:
    """Return the shortest of some imports, each in a Python of its own, without that Python's start."""
    return _shortest(f"import {modules}") - _shortest("pass")


def _shortest(program: str) -> float:
    return min(_once(program) for _ in range(TIMES))


def _once(program: str) -> float:
    begin = time.perf_counter()
    _run(program).communicate()
    return time.perf_counter() - begin


def _resident_bytes(program: str) -> int:
    process = _run(f"{program}; print(flush=True); input()")
    assert process.stdout
    process.stdout.readline()
    resident = int(psutil.Process(process.pid).memory_info().rss)
    process.communicate(b"\n")
    return resident


def _run(program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ | ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
