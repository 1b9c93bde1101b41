"""What a machine published that is gone: ended and whole; left alone where the machine has ended it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from lambdas.recording.afterwards import Made, complete
from lambdas.recording.publication import Publication, entries_of, joined, publication_location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, FOLDER = "shows", "live/ab12cd34"
LOCATION = f"s3://{BUCKET}/{FOLDER}"
INDEX = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64001F,mp4a.40.2"\n{number}/{name}.m3u8\n'


def playlist(first: int, last: int, *, init: int = 100, breaks: tuple[int, ...] = (), kind: str = "") -> str:
    """As the engine writes it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    lines += ["#EXT-X-DISCONTINUITY-SEQUENCE:0", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [f"#EXT-X-PLAYLIST-TYPE:{kind}"] if kind else []
    loaded = None
    for number in range(first, last + 1):
        lines += ["#EXT-X-DISCONTINUITY"] if number in breaks else []
        mapped = max([init, *(one for one in breaks if one <= number)])
        lines += [f'#EXT-X-MAP:URI="init-{mapped}.mp4"'] if mapped != loaded else []
        loaded = mapped
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:2026-11-26T08:00:{number % 60:02}.000Z"]
        lines += ["#EXTINF:2.000000,", f"live-{number}.m4s"]
    return "\n".join([*lines, ""])


def whole(first: int, last: int, breaks: tuple[int, ...] = ()) -> str:
    return playlist(first, last, breaks=breaks, kind="EVENT")


def test_the_window_goes_on_where_the_list_of_all_ends() -> None:
    assert joined(whole(100, 109), playlist(105, 114)) == whole(100, 114) + "#EXT-X-ENDLIST\n"
    breaks = (107, 112)
    assert (
        joined(whole(100, 109, breaks), playlist(105, 114, breaks=breaks))
        == whole(100, 114, breaks) + "#EXT-X-ENDLIST\n"
    )


def test_a_list_alone_and_a_window_alone() -> None:
    assert joined("", playlist(100, 104)) == whole(100, 104) + "#EXT-X-ENDLIST\n"
    assert joined(whole(100, 104), "") == whole(100, 104) + "#EXT-X-ENDLIST\n"


def test_segments_that_nobody_tells_of_are_a_discontinuity() -> None:
    text = joined(whole(100, 102), playlist(105, 106))
    assert [entry.number for entry in entries_of(text)] == [100, 101, 102, 105, 106]
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert text.index("#EXT-X-DISCONTINUITY\n") < text.index("live-105.m4s")


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def put(s3: "S3Client", texts: dict[str, str]) -> None:
    for name, text in texts.items():
        s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{name}", Body=text.encode())


def read(s3: "S3Client", name: str) -> str:
    return s3.get_object(Bucket=BUCKET, Key=f"{FOLDER}/{name}")["Body"].read().decode()


def test_a_machine_that_died_leaves_a_programme_that_can_be_watched_again(s3: "S3Client") -> None:
    index = INDEX.format(number=1, name="live") + "#EXT-X-STREAM-INF:BANDWIDTH=2\n2/live.m3u8\n"
    put(s3, {"index.m3u8": index, "1/live.m3u8": playlist(105, 114), "1/whole.m3u8": whole(100, 109)})
    put(s3, {"2/live.m3u8": playlist(100, 104)})
    published = Publication(LOCATION, s3).end()
    assert published == {"location": f"{LOCATION}/index.m3u8", "state": "recovered", "seconds": 30.0}
    assert read(s3, "1/whole.m3u8") == whole(100, 114) + "#EXT-X-ENDLIST\n"
    assert read(s3, "2/whole.m3u8") == whole(100, 104) + "#EXT-X-ENDLIST\n"
    assert read(s3, "1/live.m3u8") == playlist(105, 114) + "#EXT-X-ENDLIST\n"
    assert read(s3, "index.m3u8") == index.replace("live", "whole")
    served = s3.head_object(Bucket=BUCKET, Key=f"{FOLDER}/1/whole.m3u8")
    assert (served["ContentType"], served["CacheControl"]) == (
        "application/vnd.apple.mpegurl",
        "public, max-age=1",
    )


def test_what_is_ended_is_left_as_it_is(s3: "S3Client") -> None:
    ended = {
        "index.m3u8": INDEX.format(number=1, name="whole"),
        "1/live.m3u8": playlist(105, 114) + "#EXT-X-ENDLIST\n",
        "1/whole.m3u8": whole(100, 114) + "#EXT-X-ENDLIST\n",
    }
    put(s3, ended)
    before = [found["LastModified"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    published = Publication(LOCATION, s3).end()
    assert published is not None
    assert (published["state"], published["seconds"]) == ("complete", 30.0)
    assert {name: read(s3, name) for name in ended} == ended
    assert [found["LastModified"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == before


@pytest.mark.parametrize("dies_before", [1, 2, 3])
def test_it_may_be_called_again_wherever_the_call_before_ended(
    s3: "S3Client", dies_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, {"index.m3u8": INDEX.format(number=1, name="live"), "1/live.m3u8": playlist(100, 104)})
    puts = 0
    put_object = s3.put_object

    def dying(**call: object) -> object:
        nonlocal puts
        puts += 1
        if puts == dies_before:
            raise ConnectionError
        return put_object(**call)  # type: ignore[arg-type]

    monkeypatch.setattr(s3, "put_object", dying)
    with pytest.raises(ConnectionError):
        Publication(LOCATION, s3).end()
    monkeypatch.undo()
    published = Publication(LOCATION, s3).end()
    assert published is not None
    assert published["seconds"] == 10.0
    assert read(s3, "1/whole.m3u8") == whole(100, 104) + "#EXT-X-ENDLIST\n"
    assert read(s3, "index.m3u8") == INDEX.format(number=1, name="whole")


def test_nothing_was_published(s3: "S3Client") -> None:
    assert Publication(LOCATION, s3).end() is None
    assert complete(Made("", "", LOCATION, "ab12cd34"), s3) == {
        "location": "",
        "manifest": "",
        "files": [],
        "sources": "",
        "sourceFiles": [],
        "publication": LOCATION,
        "published": None,
    }


def test_a_recording_that_cannot_be_completed_keeps_nobody_waiting_for_an_end(s3: "S3Client") -> None:
    put(s3, {"index.m3u8": INDEX.format(number=1, name="live"), "1/live.m3u8": playlist(100, 104)})
    with pytest.raises(s3.exceptions.NoSuchBucket):
        complete(Made("s3://nowhere/a/encoder.mp4", "s3://nowhere/b/", LOCATION, "ab12cd34"), s3)
    assert read(s3, "index.m3u8") == INDEX.format(number=1, name="whole")


def test_where_a_production_publishes() -> None:
    assert publication_location({"publish": "s3://shows"}, "ab12cd34") == "s3://shows/ab12cd34"
    assert publication_location({"publish": "s3://shows/live"}, "ab12cd34") == LOCATION
    assert publication_location({}, "ab12cd34") == ""
