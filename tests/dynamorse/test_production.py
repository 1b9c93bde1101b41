"""The document of 2017 on the local cloud: real Node-RED 1.3.7, with stand-ins for dynamorse's modules."""

import re
from pathlib import Path

import requests

from tests.end_to_end.conftest import REPOSITORY, Commands

DOCUMENT = REPOSITORY / "step_functions" / "dynamicInput.json"


def test_the_document_of_2017_mixes_and_encodes(commands: Commands, tarballs: Path) -> None:
    command = commands.start(DOCUMENT, "--seconds", "5", "--module-source", tarballs)
    editor = re.search(r"http://([\d.]+):1880", command.read_until("Editor of encoder-"))
    assert editor is not None
    command.read_until("is on air")
    grain = requests.get(f"http://{editor[1]}:8712/encode", timeout=10).json()
    assert grain["format"] == "h264"
    assert grain["mixed"] == ["organist-media/source-1.mp4", "organist-media/source-2.mp4"]
    assert grain["passed"] == ["cloud-store-in", "decoder", "packer", "mix", "spm-http-in", "encoder"]
    finished = command.finish()
    assert finished.code == 0, finished.printed
    assert "The production SUCCEEDED." in finished.printed
    assert re.search(r"Instances +2 started, 2 removed\n", finished.printed)
    assert "LEFT" not in finished.printed
    assert "Watch it" not in finished.printed, "dynamorse has no page to watch"
    set_up = [line for line in finished.printed.splitlines() if line.endswith("is set up")]
    assert ["mixer" in line for line in set_up] == [True, False], "the encoder waits for the mixer's output"


def test_without_a_source_nothing_is_started(commands: Commands) -> None:
    finished = commands.start(DOCUMENT).finish()
    assert finished.code == 2, finished.printed
    assert "ModuleNotAvailable" in finished.printed
    assert "node-red-contrib-dynamorse-file-io, node-red-contrib-dynamorse-transition" in finished.printed
    assert "--module-source" in finished.printed
    assert re.search(r"Instances +0 started", finished.printed)


def test_a_source_that_is_none_is_refused_before_anything_starts(commands: Commands, tmp_path: Path) -> None:
    finished = commands.start(DOCUMENT, "--module-source", tmp_path / "nowhere").finish()
    assert (finished.code, "expected a folder with npm tarballs" in finished.printed) == (2, True)
    empty = commands.start(DOCUMENT, "--module-source", tmp_path).finish()
    assert (empty.code, "has no module; expected tarballs" in empty.printed) == (2, True)
