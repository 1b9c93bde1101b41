"""What was on air is in S3, recorded and published: at the end, and to within seconds when things die."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from organist.local.local_session import MEDIA_BUCKET
from tests.end_to_end.conftest import Commands, Finished
from tests.end_to_end.show import FOLDER, LOST_AT_MOST, RECORD, Show, began, recorded_files
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ON_AIR = {"runSeconds": 120, "output": {"record": RECORD}}
LEAST_AFTERWARDS = 3  # seconds
WEB = "web"
PUBLISHED = {"output": {"publish": f"s3://{MEDIA_BUCKET}/{WEB}", "segmentSeconds": 1}}


def files_of(finished: Finished) -> list[dict[str, Any]]:
    """The programme's files."""
    return recorded_files(finished.output / "recording" / "encoder.json")


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
    command = commands.start(commands.document(**ON_AIR))
    show = Show(command)
    show.wait_until_safe(8)
    killed_at = show.kill("encoder", "recording/main.js" if killed == "recording" else "")
    if killed == "recording":
        show.wait_until_safe(LEAST_AFTERWARDS, "encoder-2")
        show.stop()

    finished = command.finish()

    files = files_of(finished)
    assert files[0]["seconds"] >= (killed_at - began(files[0])).total_seconds() - LOST_AT_MOST
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
        assert files[1]["seconds"] >= LEAST_AFTERWARDS
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
    show.kill("encoder")
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
