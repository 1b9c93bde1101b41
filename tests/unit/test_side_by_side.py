"""Tests that share a fixture run in one process, so it is made once."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.side_by_side import place

REPOSITORY = Path(__file__).parents[2]
FILES = ["tests/unit/lambdas/test_errors.py", "tests/unit/step_functions/test_state_machine.py"]


def test_a_file_is_one_process_and_two_files_are_two() -> None:
    message = subprocess.run(
        [sys.executable, "-m", "pytest", "--numprocesses=2", "--verbose", *FILES],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    processes = defaultdict(set)
    for process, file in re.findall(r"^\[(gw\d)\].* PASSED ([^:\s]+)::", message, re.MULTILINE):
        processes[file].add(process)
    assert sorted(processes) == FILES, message
    assert all(len(of_a_file) == 1 for of_a_file in processes.values()), message
    assert set.union(*processes.values()) == {"gw0", "gw1"}, message


def test_the_fault_tests_are_one() -> None:
    tests = ["tests/faults/test_aborts.py::test_a[b::c]", "tests/faults/test_pairs.py::test_d"]
    assert {place(test) for test in tests} == {"tests/faults"}
