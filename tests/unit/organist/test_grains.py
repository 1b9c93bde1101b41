"""Raw pictures for dynamorse's cloud-store-in, made by FFmpeg."""

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local_cloud import toolchain
from organist.local.grains.raw_pictures import GrainFormat, GrainsError, make_grains
from organist.local.grains.stored_grains import check_sources, fill_bucket, store_in_bucket, store_in_folder

FORM = GrainFormat(160, 90, Fraction(25))
# Of a line, its luma: the number of the line above black, on both sides of the change of a field.
LINES = (
    "nullsrc=size=160x90:rate=25:duration=0.12,format=yuv422p10le,"
    "geq=lum='64+8*Y':cb=300:cr=700,setparams=range=tv:colorspace=bt709"
)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "lines.mkv"
    command = [str(toolchain.ffmpeg()), "-loglevel", "error", "-f", "lavfi", "-i", LINES]
    command += ["-c:v", "ffv1", "-colorspace", "bt709", "-color_range", "tv", str(path)]
    subprocess.run(command, check=True, timeout=30)
    return path


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="media")
        yield client


def unpacked(grain: bytes, line: int) -> tuple[int, int, int, int]:
    """The first Cb Y0 Cr Y1 of a stored line, 10 bits each, big endian."""
    start = line * FORM.width * 5 // 2
    bits = int.from_bytes(grain[start : start + 5], "big")
    return bits >> 30, bits >> 20 & 1023, bits >> 10 & 1023, bits & 1023


def test_a_grain_is_a_picture_of_packed_ten_bits_field_after_field(video: Path) -> None:
    with make_grains(video, FORM, 10) as made:
        stored = made.read()
        assert made.read() == b""
    assert len(stored) == 3 * FORM.grain_bytes
    grain = stored[FORM.grain_bytes : 2 * FORM.grain_bytes]
    lumas = [unpacked(grain, line)[1] for line in range(FORM.height)]
    shown = [*range(0, FORM.height, 2), *range(1, FORM.height, 2)]
    assert lumas == pytest.approx([64 + 8 * line for line in shown], abs=2)
    assert unpacked(grain, 0) == pytest.approx((300, 64, 700, 64), abs=2)


def test_an_object_says_what_its_grains_are(video: Path, s3: Any) -> None:
    with make_grains(video, FORM, 0.08) as made:
        store_in_bucket(made, FORM, s3, "media", "a/source-1.grains")
    head = s3.head_object(Bucket="media", Key="a/source-1.grains")
    assert head["ContentLength"] == 2 * 36_000
    assert head["Metadata"] == {"grainsize": "36000", "duration": "1/25"}
    assert head["ContentType"] == (
        "video/raw; sampling=YCbCr-4:2:2; width=160; height=90; depth=10; colorimetry=BT709-2; interlace=0"
    )


def test_a_folder_fills_a_bucket_with_all_that_it_has(video: Path, s3: Any, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    with make_grains(video, GrainFormat(160, 90, Fraction(30000, 1001)), 0.04) as made:
        store_in_folder(made, GrainFormat(160, 90, Fraction(30000, 1001)), folder / "a", "source-1.grains")
    (folder / "other.json").write_text("{}")
    assert sorted(fill_bucket(folder, s3, "media")) == ["a/source-1.grains", "other.json"]
    head = s3.head_object(Bucket="media", Key="a/source-1.grains")
    assert head["Metadata"] == {"grainsize": "36000", "duration": "1001/30000"}
    assert head["ContentType"].startswith("video/raw; ")


def test_what_is_no_video_leaves_no_object_and_ffmpegs_words(tmp_path: Path, s3: Any) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_text("not a video")
    with (
        pytest.raises(GrainsError, match=r"FFmpeg ended with \d+ on .*broken\.mp4: .*Invalid data"),
        make_grains(broken, FORM, 1) as made,
    ):
        store_in_bucket(made, FORM, s3, "media", "x.grains")
    assert "Contents" not in s3.list_objects_v2(Bucket="media")


def test_an_empty_folder_fills_nothing(tmp_path: Path) -> None:
    check_sources(None)
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(GrainsError, match="expected a folder with files"):
            check_sources(folder)
