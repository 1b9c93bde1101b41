"""Runs a command line of the pages as it stands there, its placeholders filled in."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest

from organist.app import app
from tests.docs.command_lines import CommandLine

KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "eu-west-1"}


@dataclass(frozen=True)
class Ran:
    """A command's exit code and what it printed."""

    code: int
    text: str


@dataclass(frozen=True)
class Shell:
    """A person's shell, whose AWS is an emulator.

    Attributes:
        endpoint: The emulator's address, for `organist` by its option, for `aws` by its environment.
        folder: The current folder.
        capsys: Takes what `organist` prints, which runs in this process.
    """

    endpoint: str
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, line: CommandLine, values: Mapping[str, str]) -> Ran:
        """Run a command, ``values`` in place of its placeholders."""
        program, *rest = (values.get(word, word) for word in line.words)
        if program == "aws":
            environment = {**os.environ, **KEYS, "AWS_ENDPOINT_URL": self.endpoint}
            aws = [str(Path(sys.executable).with_name("aws")), *rest]
            done = subprocess.run(
                aws, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
            )
            return Ran(done.returncode, done.stdout + done.stderr)
        assert program == ".venv/bin/organist"
        self.capsys.readouterr()
        with chdir(self.folder):
            code = app([*rest, "--endpoint-url", self.endpoint], standalone_mode=False) or 0
        output = self.capsys.readouterr()
        return Ran(code, output.out + output.err)
