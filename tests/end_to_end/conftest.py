"""Running the organist command as a person does, and proving that it leaves no process behind."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import wait_until_all_are_gone, with_descendants

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LONGEST = 240.0  # seconds that any of these productions may take, with both cores busy


@dataclass
class Finished:
    """What a command ended with."""

    code: int
    printed: str
    output: Path


class Command:
    """One run of `organist local`, its output line by line."""

    def __init__(self, output: Path, *arguments: str | Path) -> None:
        self.output = output
        self.lines: list[str] = []
        self._seen: set[int] = set()
        self.process = subprocess.Popen(
            [BIN / "organist", "local", *arguments, "--output", output],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )

    def read_until(self, text: str) -> str:
        """Return the first line that has a text; fail if the command ends before, or takes too long."""
        assert self.process.stdout is not None
        deadline = threading.Timer(LONGEST, self.interrupt)
        deadline.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line.rstrip("\n"))
                if text in line:
                    self.note_processes()
                    return self.lines[-1]
        finally:
            deadline.cancel()
        pytest.fail(f"the command ended without saying {text!r}; it said:\n" + "\n".join(self.lines))

    def note_processes(self) -> set[int]:
        """Remember every process that belongs to the command now, to look for afterwards."""
        now = with_descendants(self.process.pid)
        self._seen |= now
        return now

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def finish(self) -> Finished:
        """Wait until the command has ended; fail if a process of it is still there."""
        self.note_processes()
        rest, _ = self.process.communicate(timeout=LONGEST)
        self.lines += rest.splitlines()
        wait_until_all_are_gone(self._seen)
        return Finished(self.process.returncode, "\n".join(self.lines), self.output)

    def end(self) -> None:
        """End it however it stands, after a test that failed."""
        for pid in with_descendants(self.process.pid) | self._seen:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


class Commands:
    """Starts commands and ends those that a failing test leaves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Command] = []

    def start(self, *arguments: str | Path) -> Command:
        command = Command(self._folder / f"pictures-{len(self._started)}", *arguments)
        self._started.append(command)
        return command

    def document(self, **changed: Any) -> Path:
        """Write a small production as an input document: colours instead of pictures, six seconds."""
        document = {
            "mixParams": {"instanceName": "mixer", "instanceType": "t2.micro"},
            "encodeParams": {"instanceName": "encoder", "instanceType": "t2.micro"},
            "runSeconds": 6,
            "mix": {"width": 320, "height": 180},
        }
        path = self._folder / f"input-{len(list(self._folder.iterdir()))}.json"
        path.write_text(json.dumps(document | changed))
        return path

    def end(self) -> None:
        for command in self._started:
            command.end()


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    made = Commands(tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")
def module_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    made = Commands(tmp_path_factory.mktemp("production"))
    yield made
    made.end()
