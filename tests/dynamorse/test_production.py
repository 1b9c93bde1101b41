"""The document of 2017 on the local cloud: real Node-RED 1.3.7, with stand-ins for dynamorse's modules."""

import json
import re
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

import boto3
import requests

from local_cloud import toolchain
from tests.dynamorse.conftest import pack_stand_ins
from tests.dynamorse.live_source import pushing
from tests.end_to_end.conftest import REPOSITORY, Commands

DOCUMENT = REPOSITORY / "step_functions" / "dynamicInput.json"


def move_fader(address: str, value: float) -> None:
    """Send what the control tablet of 2017 sends."""
    message = b"/1/fader1\0\0\0" + b",f\0\0" + struct.pack(">f", value)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.sendto(message, (address, 8000))


def times(printed: str, words: str) -> list[float]:
    """When something was said, in seconds from the start of the execution."""
    return [float(line.split()[0]) for line in printed.splitlines() if line.endswith(words)]


def ask_for_fader(address: str, password: str, value: float) -> Any:
    """Move the fader as an operator does who has signed in."""
    base = f"http://{address}:1880"
    form = {"client_id": "node-red-admin", "grant_type": "password", "scope": "*", "username": "operator"}
    signed_in = requests.post(f"{base}/auth/token", data=form | {"password": password}, timeout=10).json()
    header = {"Authorization": f"Bearer {signed_in['access_token']}"}
    return requests.post(f"{base}/production/fader", json={"fader": value}, headers=header, timeout=10).json()


def colours(stored: Path) -> list[tuple[int, int, int]]:
    """Return the colour in the middle of every picture."""
    command = [str(toolchain.ffmpeg()), "-loglevel", "error", "-f", "h264", "-i", str(stored)]
    command += ["-vf", "crop=2:2,scale=1:1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    pixels = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return [(red, green, blue) for red, green, blue in zip(*[iter(pixels)] * 3, strict=True)]


def is_mixed(colour: tuple[int, int, int], weight: float) -> bool:
    """Whether it is so much red and so much blue, as the mix has them: of each component, in BT.709."""
    red, _, blue = colour
    return abs(red - 255 * weight) < 40 and abs(blue - 255 * (1 - weight)) < 40


def test_the_document_of_2017_mixes_encodes_and_stores(
    commands: Commands, tarballs: Path, grains: Path
) -> None:
    command = commands.start(DOCUMENT, "--seconds", "8", "--module-source", tarballs, "--sources", grains)
    editor = re.search(r"http://([\d.]+):1880", command.read_until("Editor of mixer-"))
    assert editor is not None
    command.read_until("is on air")
    for weight in (1.0, 0.5, 0.25):
        move_fader(editor[1], weight)
        time.sleep(1.5)
    password = re.search(r"password (\S+)\)", editor.string)
    assert password is not None
    assert ask_for_fader(editor[1], password[1], 0.75) == {"fader": 0.75, "seconds": 0}
    finished = command.finish()
    assert finished.code == 0, finished.printed
    assert "The production SUCCEEDED." in finished.printed
    assert re.search(r"Instances +2 started, 2 removed\n", finished.printed)
    assert "LEFT" not in finished.printed
    assert "Watch it" not in finished.printed, "dynamorse has no page to watch"
    lines = finished.printed.splitlines()
    deploys = next(
        at for at, line in enumerate(lines) if "mixer-" in line and line.endswith("deploys its flow")
    )
    set_up = [at for at, line in enumerate(lines) if line.endswith("is set up")]
    assert sorted("mixer-" in lines[at] for at in set_up) == [False, True]
    # The encoder's flow needs the port that the mixer's opens; which of the two calls returns first is open.
    assert deploys < min(set_up)
    for log in finished.output.glob("logs/*/Node-RED.log"):
        told = {
            json.loads(line).get("level") for line in log.read_text().splitlines() if line.startswith("{")
        }
        assert not told & {"info", "debug", "trace"}, f"{log} has what fills a disk"
        assert log.stat().st_size < 30_000, f"{log} fills a disk with the same words"
    (off_air,) = times(finished.printed, "takes everything down")
    gone = times(finished.printed, "is gone")
    assert len(gone) == 2
    assert max(gone) - off_air < 10, "seconds until both machines are gone"
    (stored,) = (finished.output / "stored").iterdir()
    seen = colours(stored)
    encoding = off_air - max(times(finished.printed, "is set up"))
    # Without a pace a quick computer mixes 59 a second.
    assert 25 < len(seen) < 25 * (encoding + 2), "as many as the document says, and no more"
    frames = re.search(r"Frames +recording: (\d+), \d+ in its last second", finished.printed)
    assert frames is not None
    assert int(frames[1]) > 0
    for weight in (1.0, 0.5, 0.25, 0.75):
        assert any(is_mixed(colour, weight) for colour in seen), (weight, seen[::25])


def address_of_the_mixer(endpoint: str) -> str:
    """Where the mixer machine of a local cloud is, before anybody is told."""
    session = boto3.Session("local", "local", region_name="eu-west-1")
    ec2 = session.client("ec2", endpoint_url=endpoint)
    (found,) = [
        instance
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        for tag in instance["Tags"]
        if tag["Key"] == "Name" and tag["Value"].startswith("mixer-")
    ]
    return found["PrivateIpAddress"]


def test_a_live_source_is_pushed_to_the_mixer(
    commands: Commands, tarballs: Path, grains: Path, tmp_path: Path
) -> None:
    document = json.loads(DOCUMENT.read_text())
    store = {"kind": "s3", "location": "s3://organist-media/source-2.grains"}
    path = tmp_path / "live.json"
    path.write_text(json.dumps(document | {"sources": [{"kind": "grains"}, store]}))
    command = commands.start(path, "--seconds", "6", "--module-source", tarballs, "--sources", grains)
    endpoint = command.read_until("The local cloud is at").split()[5].rstrip(".")
    while "mixer-" not in command.read_until("boots, joins the cluster"):
        pass
    # It sends before the flow is deployed: the mix looks for both its sources for 2 s only.
    with pushing(address_of_the_mixer(endpoint), "/source/1", "lime", 848, 480):
        command.read_until("is on air")
        time.sleep(3)
        finished = command.finish()
    assert finished.code == 0, finished.printed
    (stored,) = (finished.output / "stored").iterdir()
    assert any(green > 200 and red < 60 for red, green, _ in colours(stored))


def test_the_published_file_io_is_named_in_place_of_being_on_air(
    commands: Commands, grains: Path, tmp_path: Path
) -> None:
    published = pack_stand_ins(tmp_path / "published", file_io="0.1.14")
    command = commands.start(DOCUMENT, "--module-source", published, "--sources", grains)
    finished = command.finish()
    assert (finished.code, "FlowFaulty" in finished.printed) == (1, True), finished.printed
    assert (
        "file-io 0.1.14, cloud-store-out.js: the promise of its S3 stream gives nothing" in finished.printed
    )
    assert "is on air" not in finished.printed


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
