"""Bad input on the command line: one message, exit code 2, no traceback, nothing started."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from organist.exit_codes import INTERRUPTED
from tests.end_to_end.conftest import Commands

# Ctrl-C comes as a module is loaded.
LOADING = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt

from organist.main import main
sys.meta_path.insert(0, Finder())
main()
"""

DOCUMENT = {
    "mixParams": {"instanceName": "mixer", "instanceType": "t2.micro"},
    "encodeParams": {"instanceName": "encoder", "instanceType": "t2.micro"},
}


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{", "is not JSON: Expecting property name"),
        ("", "is not JSON"),
        ("NaN", "which JSON does not have"),
        ("[]", "$ is []"),
        (json.dumps({"encodeParams": DOCUMENT["encodeParams"]}), "$.mixParams is missing"),
        (json.dumps(DOCUMENT | {"runSeconds": "20"}), '$.runSeconds is "20"; expected a whole number from 1'),
        (json.dumps(DOCUMENT | {"colour": 1, "runSeconds": 0}), "The input has 2 mistakes"),
        (
            json.dumps(DOCUMENT | {"engine": "dynamorse", "sources": [{"kind": "pattern"}] * 2}),
            '$.sources[0].kind is "pattern"; expected s3 or grains with the dynamorse engine',
        ),
    ],
)
def test_a_bad_document(commands: Commands, tmp_path: Path, text: str, printed: str) -> None:
    path = tmp_path / "input.json"
    path.write_text(text)
    finished = commands.start(path).finish()
    assert finished.code == 2
    assert printed in finished.printed
    assert "Nothing was started" in finished.printed
    assert "Traceback" not in finished.printed
    assert not finished.output.exists()


def test_a_document_that_is_not_there(commands: Commands) -> None:
    finished = commands.start("no-such-file.json").finish()
    assert finished.code == 2
    assert "no-such-file.json cannot be read: No such file or directory" in finished.printed


def test_seconds_out_of_range(commands: Commands) -> None:
    finished = commands.start(commands.document(), "--seconds", "0").finish()
    assert finished.code == 2
    assert "$.runSeconds is 0" in finished.printed


def test_a_port_that_is_taken(commands: Commands) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = commands.start("--endpoint", "--port", str(port)).finish()
    assert finished.code == 2
    assert f"The port {port} of 127.0.0.1 cannot be had" in finished.printed
    assert "Traceback" not in finished.printed


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [
        ("t2.nano", '$.mixParams.instanceType is "t2.nano", which has 512 MiB; expected 768'),
        ("z9.micro", '$.mixParams.instanceType is "z9.micro"'),
    ],
    ids=["too small", "only EC2 knows that there is none"],
)
def test_an_instance_type_that_will_not_do(commands: Commands, kind: str, mistake: str) -> None:
    mixer = DOCUMENT["mixParams"] | {"instanceType": kind}
    finished = commands.start(commands.document(mixParams=mixer)).finish()
    assert finished.code == 2
    assert mistake in finished.printed
    assert re.search(r"Instances +0 started", finished.printed)
    assert "Traceback" not in finished.printed


def test_what_is_printed_cannot_be_written() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "organist.main", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == "What organist prints cannot be written: No space left on device.\n"


@pytest.mark.parametrize("module", ["organist.app", "lambdas.runtime.errors", "typer"])
def test_ctrl_c_while_the_command_is_loaded_is_no_traceback(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOADING, module], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (INTERRUPTED, "Stopped. Nothing was started.\n")
