"""What a production has recorded into S3: told, and fetched."""

from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from organist.report.recordings import fetch_recording, publication_lines, recording_lines

FILE = {
    "location": "s3://b/p/encoder.mp4",
    "state": "recovered",
    "frames": 1500,
    "seconds": 60.0,
    "bytes": 37_500_000,
}
DONE: dict[str, Any] = {"location": "s3://b/p/encoder.mp4", "manifest": "s3://b/p/encoder.json"}


def test_a_line_a_file_and_the_manifest() -> None:
    assert recording_lines(DONE | {"files": [FILE]}) == [
        "s3://b/p/encoder.mp4: recovered, 1,500 frames, 60.0 s, 37.5 MB",
        "s3://b/p/encoder.json",
    ]
    assert recording_lines(DONE | {"files": []})[0] == "s3://b/p/encoder.mp4: nothing was recorded"
    of_sources = DONE | {"files": [FILE], "sources": "s3://b/p/encoder-sources/"}
    source = FILE | {"location": "s3://b/p/encoder-sources/1-camera.mp4", "state": "complete"}
    assert recording_lines(of_sources | {"sourceFiles": [source]})[2:] == [
        "s3://b/p/encoder-sources/1-camera.mp4: complete, 1,500 frames, 60.0 s, 37.5 MB"
    ]
    assert recording_lines(of_sources)[2:] == ["s3://b/p/encoder-sources/: nothing was recorded"]
    assert recording_lines({"location": "s3://b/p/encoder.mp4"}) == ["s3://b/p/encoder.mp4: not complete"]
    assert recording_lines({"location": ""}) == recording_lines({}) == []


def test_where_it_can_be_watched_and_whether_it_has_ended() -> None:
    url = "https://d1.example.net/live/ab12cd34/index.m3u8"
    assert publication_lines("", {}) == []
    assert publication_lines(url, {"publication": "s3://b/live/ab12cd34"}) == [f"{url}: not ended"]
    ended = {"published": {"location": "s3://b/p/index.m3u8", "state": "recovered", "seconds": 60.0}}
    assert publication_lines(url, ended) == [f"{url}: recovered, 60.0 s"]
    assert publication_lines(url, {"published": None}) == [f"{url}: nothing"]


def test_the_files_and_the_manifest_are_fetched_and_nothing_beside_them(tmp_path: Path) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        for name in (
            "encoder.mp4",
            "encoder-2.mp4",
            "encoder.json",
            "encoder.mp4.tail/0.piece",
            "encoder.txt",
        ):
            s3.put_object(Bucket="bucket", Key=f"p/{name}", Body=name.encode())
        fetched = fetch_recording("s3://bucket/p/encoder.mp4", s3, tmp_path / "recording")
        assert [path.name for path in fetched] == ["encoder-2.mp4", "encoder.json", "encoder.mp4"]
        assert (tmp_path / "recording" / "encoder.mp4").read_bytes() == b"encoder.mp4"
