"""A looped file on air, and an operator who signs in and moves the fader."""

import re
import subprocess
from pathlib import Path

import requests

from local_cloud import toolchain
from tests.end_to_end.conftest import Commands
from tests.end_to_end.test_stop_and_sweep import endpoint_of, organist
from tests.end_to_end.video import RATE, decode
from tests.support.waiting import wait_until

FILE_SECONDS, RATE_MIXED = 2, 25
SIGN_IN = re.compile(r"(http://\S+)/  \(user (\w+), password (\w+)\)")


def blue_film(path: Path) -> Path:
    """Make a short film of pure blue, smaller than the production's picture and at another rate."""
    colour = f"color=c=blue:size=160x90:rate=30:duration={FILE_SECONDS}"
    command: list[str | Path] = [
        toolchain.ffmpeg(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        colour,
        "-pix_fmt",
        "yuv420p",
        path,
    ]
    subprocess.run(command, check=True)
    return path


def sign_in(editor: str, user: str, password: str) -> dict[str, str]:
    """Sign in as the editor does; return the header that later requests carry."""
    form = {"client_id": "node-red-editor", "grant_type": "password", "scope": "*"}
    answer = requests.post(
        f"{editor}/auth/token", data=form | {"username": user, "password": password}, timeout=10
    )
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def mixed_frames(editor: str, header: dict[str, str]) -> int:
    """How many frames the mixer has mixed."""
    metrics = requests.get(f"{editor}/production/metrics", headers=header, timeout=10).json()
    return int(metrics["chains"][0]["frames"])


def wait_for_frames(editor: str, header: dict[str, str], more: int) -> None:
    """Wait until the mixer has mixed so many frames more."""
    before = mixed_frames(editor, header)
    wait_until(lambda: mixed_frames(editor, header) > before + more, 30)


def test_a_looped_film_gives_way_to_a_colour_when_the_operator_moves_the_fader(
    commands: Commands, tmp_path: Path
) -> None:
    film = blue_film(tmp_path / "blue.mp4")
    sources = [
        {"kind": "file", "location": str(film)},
        {"kind": "pattern", "pattern": "colour", "colour": "#ff0000"},
    ]
    command = commands.start(commands.document(runSeconds=600, sources=sources))
    endpoint = endpoint_of(command)
    execution = command.read_until("Execution ").split()[-1]
    found = SIGN_IN.search(command.read_until("Editor of mixer-"))
    assert found is not None
    editor, user, password = found.groups()
    command.read_until("is on air")
    header = sign_in(editor, user, password)
    fader = f"{editor}/production/fader"

    assert requests.get(fader, timeout=10).status_code == 401
    assert requests.post(fader, json={"fader": 0}, timeout=10).status_code == 401
    assert requests.post(fader, json={"fader": 2}, headers=header, timeout=10).status_code == 400
    wait_for_frames(editor, header, (FILE_SECONDS + 3) * RATE_MIXED)
    moved = requests.post(fader, json={"fader": 0, "seconds": 1}, headers=header, timeout=10)
    assert moved.status_code == 200, moved.text
    wait_for_frames(editor, header, 3 * RATE_MIXED)
    assert organist("stop", execution, "--endpoint-url", endpoint).returncode == 0

    finished = command.finish()
    assert finished.code == 0, finished.printed
    frames = decode(finished.output / "encoder" / "encoder.mp4").astype(float)
    assert len(frames) > FILE_SECONDS * RATE * 2
    red, blue = frames[..., 0].mean(axis=(1, 2)), frames[..., 2].mean(axis=(1, 2))
    is_blue = (blue > 200) & (red < 40)
    assert is_blue[: FILE_SECONDS * RATE + 1].all(), "the film was looped"
    assert (red[-1] > 200, blue[-1] < 40) == (True, True)
