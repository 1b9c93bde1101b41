"""What a function's code costs when Lambda starts it cold: the import of its module in a fresh Python."""

import subprocess
import sys
import time

from local_cloud.paths import REPOSITORY

TIMES = 5


def import_seconds(modules: str) -> float:
    """Return the shortest of some imports, each in a Python of its own, without that Python's start."""
    return _shortest(f"import {modules}") - _shortest("pass")


def _shortest(program: str) -> float:
    return min(_once(program) for _ in range(TIMES))


def _once(program: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True)
    return time.perf_counter() - begin
