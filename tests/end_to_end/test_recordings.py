"""What was on air is in S3, recorded and published: at the end, and to within seconds when things die."""

import json
import os
import re
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import boto3
import psutil
import pytest

from organist.local.local_session import MEDIA_BUCKET
from tests.end_to_end.conftest import Command, Commands, Finished
from tests.end_to_end.video import probe
from tests.support.processes import with_descendants
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "shows"
LOST_AT_MOST = 6.0  # seconds, with the machine
ON_AIR = {"runSeconds": 120, "output": {"record": f"s3://{MEDIA_BUCKET}/{FOLDER}"}}
WEB = "web"
PUBLISHED = {"output": {"publish": f"s3://{MEDIA_BUCKET}/{WEB}", "segmentSeconds": 1}}


class Show:
    """A production on air that is recorded into the local cloud's S3."""

    def __init__(self, command: Command) -> None:
        self._command = command
        endpoint = re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))
        assert endpoint is not None
        self.s3: S3Client = boto3.client(
            "s3",
            endpoint_url=endpoint[0],
            region_name="eu-west-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        command.read_until("is on air")

    def processes(self, role: str) -> dict[int, list[str]]:
        """What runs on a machine, with its arguments."""
        found = {}
        for pid in with_descendants(self._command.process.pid):
            try:
                process = psutil.Process(pid)
                if f"/{role}-" in process.cwd():
                    found[pid] = process.cmdline()
            except psutil.Error:
                continue
        return found

    def wait_until_safe(self, seconds: float) -> None:
        """Wait until so much of the programme is in S3."""
        wait_until(lambda: self._saved() >= seconds, 60)

    def _saved(self) -> float:
        listed = self.s3.list_objects_v2(Bucket=MEDIA_BUCKET, Prefix=FOLDER).get("Contents", [])
        pieces = [re.search(r"-(\d+)-[0-9a-f]{8}\.piece$", found["Key"]) for found in listed]
        return max((int(piece[1]) / 1000 for piece in pieces if piece), default=0.0)


def files_of(finished: Finished) -> list[dict[str, Any]]:
    """The recording's files as its manifest has them, each held against what was fetched from S3."""
    folder = finished.output / "recording"
    manifest = json.loads((folder / "encoder.json").read_text())
    for file in manifest["files"]:
        whole = (folder / file["name"]).read_bytes()
        assert (file["bytes"], file["crc32"]) == (len(whole), f"{crc32(whole):08x}")
        stream = probe(folder / file["name"])
        assert int(stream["nb_read_frames"]) == file["frames"]
    files: list[dict[str, Any]] = manifest["files"]
    return files


def test_the_object_is_complete_when_the_production_has_ended(commands: Commands) -> None:
    finished = commands.start(commands.document(**ON_AIR | {"runSeconds": 8})).finish()
    assert finished.code == 0, finished.printed
    (file,) = files_of(finished)
    assert (file["state"], file["seconds"] > 8) == ("complete", True)
    assert re.search(
        rf"Recording +s3://{MEDIA_BUCKET}/{FOLDER}/[0-9a-f]{{8}}/encoder.mp4: complete, \d+ frames",
        finished.printed,
    )
    assert not list((finished.output / "encoder").glob("*.mp4")), "and not on the machine's disk beside it"


@pytest.mark.parametrize("killed", ["machine", "recording"])
def test_what_dies_in_mid_show_costs_seconds(commands: Commands, killed: str) -> None:
    command = commands.start(
        commands.document(**ON_AIR | ({"runSeconds": 20} if killed == "recording" else {}))
    )
    show = Show(command)
    show.wait_until_safe(8)
    processes = show.processes("encoder")
    if killed == "recording":
        processes = {pid: words for pid, words in processes.items() if "recording/main.js" in " ".join(words)}
        assert len(processes) == 1
    for pid in processes:
        os.kill(pid, signal.SIGKILL)
    killed_at = datetime.now(UTC)

    finished = command.finish()

    files = files_of(finished)
    began = datetime.fromisoformat(files[0]["startedAt"].replace("Z", "+00:00"))
    assert files[0]["seconds"] >= (killed_at - began).total_seconds() - LOST_AT_MOST
    if killed == "machine":
        assert finished.code == 1
        assert [file["state"] for file in files] == ["recovered"]
        assert re.search(r"Recording .*encoder\.mp4: recovered, \d+ frames", finished.printed)
        assert "LEFT" not in finished.printed
    else:
        assert finished.code == 0, finished.printed
        assert [(file["name"], file["state"]) for file in files] == [
            ("encoder.mp4", "complete"),
            ("encoder-2.mp4", "complete"),
        ]
        assert files[1]["seconds"] > 3
    assert_nothing_beside(Path(finished.output), files)


class Watched:
    """What a production has published, as the local cloud's S3 has it."""

    def __init__(self, s3: "S3Client") -> None:
        self._s3 = s3

    def files(self) -> list[str]:
        """What there is, below the production's own folder."""
        listed = self._s3.list_objects_v2(Bucket=MEDIA_BUCKET, Prefix=WEB).get("Contents", [])
        return [found["Key"].split("/", 2)[2] for found in listed]

    def text(self, name: str) -> str:
        """A playlist; empty while there is none."""
        listed = self._s3.list_objects_v2(Bucket=MEDIA_BUCKET, Prefix=WEB).get("Contents", [])
        keys = [found["Key"] for found in listed if found["Key"].endswith(f"/{name}")]
        return self._s3.get_object(Bucket=MEDIA_BUCKET, Key=keys[0])["Body"].read().decode() if keys else ""

    def seconds(self, name: str) -> float:
        """How long a playlist is."""
        return sum(float(one) for one in re.findall(r"#EXTINF:([\d.]+)", self.text(name)))


def test_what_is_published_is_live_and_then_the_whole_programme(commands: Commands) -> None:
    encode = {"preset": "ultrafast", "renditions": [{"height": 180, "bitRate": 300_000}]}
    command = commands.start(commands.document(**PUBLISHED, runSeconds=14, encode=encode))
    show = Show(command)
    watched = Watched(show.s3)
    wait_until(lambda: watched.seconds("1/live.m3u8") >= 3, 60)
    assert "1/live.m3u8" in watched.text("index.m3u8")
    assert "#EXT-X-ENDLIST" not in watched.text("1/live.m3u8")
    command.read_until("takes everything down")
    # Until the cloud goes with the command the whole programme can be read.
    wait_until(lambda: "1/whole.m3u8" in watched.text("index.m3u8"), 60)
    wait_until(lambda: watched.text("2/whole.m3u8").endswith("#EXT-X-ENDLIST\n"), 60)
    wholes = {number: watched.text(f"{number}/whole.m3u8") for number in (1, 2)}
    assert all(text.endswith("#EXT-X-ENDLIST\n") for text in wholes.values())
    segments = {
        f"{number}/{name}"
        for number, text in wholes.items()
        for name in re.findall(r"^live-\d+\.m4s$", text, re.MULTILINE)
    }
    assert {key for key in watched.files() if key.endswith(".m4s")} == segments
    assert re.search(r"RESOLUTION=320x180.*\n2/whole\.m3u8", watched.text("index.m3u8"))
    finished = command.finish()
    assert finished.code == 0, finished.printed
    ended = re.search(
        rf"On the web +s3://{MEDIA_BUCKET}/{WEB}/\w+/index.m3u8: complete, ([\d.]+) s", finished.printed
    )
    assert ended is not None
    assert float(ended[1]) > 12


def test_a_machine_that_dies_leaves_a_programme_that_has_ended(commands: Commands) -> None:
    command = commands.start(commands.document(**PUBLISHED, runSeconds=120))
    show = Show(command)
    watched = Watched(show.s3)
    wait_until(lambda: watched.seconds("1/live.m3u8") >= 12, 60)
    before = watched.seconds("1/live.m3u8")
    for pid in show.processes("encoder"):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "1/whole.m3u8" in watched.text("index.m3u8"), 90)
    whole = watched.text("1/whole.m3u8")
    assert whole.endswith("#EXT-X-ENDLIST\n")
    assert watched.text("1/live.m3u8").endswith("#EXT-X-ENDLIST\n")
    assert watched.seconds("1/whole.m3u8") >= before
    assert set(watched.files()) >= {f"1/{name}" for name in re.findall(r"^live-.*$", whole, re.MULTILINE)}
    finished = command.finish()
    assert finished.code == 1
    assert re.search(r"On the web .*index\.m3u8: recovered, [\d.]+ s", finished.printed)


def assert_nothing_beside(output: Path, files: list[dict[str, Any]]) -> None:
    """Only the files and the manifest were fetched: neither pieces nor another's."""
    there = {path.name for path in (output / "recording").iterdir()}
    assert there == {"encoder.json"} | {file["name"] for file in files}
