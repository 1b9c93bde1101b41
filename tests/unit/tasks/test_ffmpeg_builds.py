"""The media nodes use of FFmpeg only what the build for each architecture has."""

import json
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from tests.unit.tasks.ffmpeg_arguments import Used
from tests.unit.tasks.ffmpeg_build import Build, ask_build, read_build

HERE = Path(__file__).parent
ENGINE = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "engine"
RECORDED = HERE / "recorded" / "ffmpeg-aarch64.json"
WHEEL_OF_THE_RECORD = "imageio-ffmpeg==0.8.1"


@pytest.fixture(scope="module")
def arguments() -> list[list[str]]:
    """FFmpeg's arguments for every kind of part."""
    program = [str(toolchain.node()), str(HERE / "every_chain.cjs")]
    message = subprocess.run(program, capture_output=True, text=True, check=True, timeout=60).stdout
    lists: list[list[str]] = json.loads(message)
    return lists


@pytest.fixture(scope="module")
def used(arguments: list[list[str]]) -> Used:
    everything = Used()
    for each in arguments:
        everything.read(each)
    return everything


@pytest.fixture(scope="module")
def own() -> Build:
    """The build of the wheel that runs here, which the x86_64 image carries."""
    return ask_build([str(toolchain.ffmpeg())])


@pytest.fixture(scope="module")
def aarch64() -> Build:
    return read_build(RECORDED)


def lacking(used: Used, build: Build) -> list[str]:
    """What is used and the build does not have, each with what it is."""
    return [
        f"{field.name}: {name}"
        for field in fields(used)
        for name in sorted(getattr(used, field.name) - getattr(build, field.name))
    ]


def test_the_build_that_runs_here_has_everything(used: Used, own: Build) -> None:
    assert lacking(used, own) == []


def test_the_build_for_arm64_has_everything(used: Used, aarch64: Build) -> None:
    assert lacking(used, aarch64) == []


def test_the_record_is_of_the_wheel_that_the_image_installs() -> None:
    """Another wheel's build has to be recorded first: see ``ffmpeg_build``."""
    locked = (REPOSITORY / "tasks" / "node-red" / "ffmpeg-requirements.txt").read_text()
    assert locked.split()[0] == WHEEL_OF_THE_RECORD


def test_what_a_build_lacks_is_named(aarch64: Build) -> None:
    other = Used().read(
        ["-f", "avs2", "-i", "nfs://a", "-c:v", "libxavs2", "-no_such", "1", "-f", "ogg", "a"]
    )
    other.read(["-vf", "no_such_filter=no_such_too=1", "-f", "no_such_format", "b"])
    assert lacking(other, aarch64) == [
        "options: no_such",
        "options: no_such_too",
        "filters: no_such_filter",
        "protocols: nfs",
        "muxers: no_such_format",
        "encoders: libxavs2",
    ]


def test_every_option_in_the_source_is_among_the_arguments(arguments: list[list[str]]) -> None:
    """Or a part's way to FFmpeg would be forgotten here."""
    given = {word for each in arguments for word in each}
    written = {
        option
        for file in ENGINE.rglob("*.js")
        for option in re.findall(r"'(-[a-z_]+(?::[a-z]+)?)'", file.read_text())
    }
    assert written
    assert written <= given


def test_what_the_arguments_use_is_read_from_them(used: Used) -> None:
    assert {"scale", "pad", "crop", "bwdif", "zscale", "tonemap", "drawtext", "smptehdbars"} <= used.filters
    assert {"srt", "file", "http", "pipe", "unix"} <= used.protocols
    assert used.muxers == {"nut", "mpegts", "data", "mp4", "image2", "rawvideo", "rtp", "flv", "rtp_mpegts"}
    assert {"lavfi", "mpegts", "rawvideo", "f32le", "flv", "concat"} <= used.demuxers
    assert used.encoders >= {"libx264", "libx265", "aac", "s302m", "mjpeg", "rawvideo", "pcm_f32le"}
    assert {"passphrase", "discardcorrupt", "frag_discont", "max_probe_packets", "listen"} <= used.options
