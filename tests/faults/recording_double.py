"""What the media engine has put into S3 when its machine goes: what others have to complete and to end."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

import boto3
from moto.s3.models import s3_backends

from lambdas.recording.places import RecordingPlace
from lambdas.recording.publication import INDEX, LIVE, WHOLE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, FOLDER = "organist-media", "shows"
RECORD, PUBLISH = f"s3://{BUCKET}/{FOLDER}", f"s3://{BUCKET}/web"
PIECES = (b"the first two seconds, ", b"and the next two")


@cache
def _s3(endpoint: str) -> "S3Client":
    session = boto3.Session("local", "local", region_name="eu-west-1")
    return session.client("s3", endpoint_url=endpoint)


def begin_recording(location: str, environment: dict[str, str]) -> None:
    """Send what the engine sends of a few seconds: an upload, a manifest that names it, and pieces beside it.

    Args:
        location: ``s3://bucket/key``, as the flow has it.
        environment: The container's.
    """
    place, s3 = RecordingPlace.at(location), _s3(environment["AWS_ENDPOINT_URL"])
    upload = s3.create_multipart_upload(Bucket=place.bucket, Key=place.key)["UploadId"]
    entry = {"name": place.key.rpartition("/")[2], "state": "recording", "uploadId": upload}
    manifest: dict[str, Any] = {"production": environment["PRODUCTION_ID"], "files": [entry], "gaps": []}
    s3.put_object(Bucket=place.bucket, Key=place.manifest_key, Body=json.dumps(manifest))
    written = b""
    for number, piece in enumerate(PIECES, start=1):
        name = f"{len(written):015}-{50 * number}-{2000 * number}-{crc32(written + piece):08x}.piece"
        s3.put_object(Bucket=place.bucket, Key=f"{place.key}.tail/{name}", Body=piece)
        written += piece


def begin_publication(location: str, environment: dict[str, str]) -> None:
    """Send what the engine sends of a few seconds: the playlists of a programme that is live.

    Args:
        location: ``s3://bucket/prefix``, as the flow has it.
        environment: The container's.
    """
    place, s3 = RecordingPlace.at(location), _s3(environment["AWS_ENDPOINT_URL"])
    head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:7"]
    segment = ['#EXT-X-MAP:URI="init-7.mp4"', "#EXT-X-PROGRAM-DATE-TIME:2026-11-26T08:00:00.000Z"]
    window = "\n".join([*head, *segment, "#EXTINF:2.000000,", "live-7.m4s", ""])
    index = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5000000\n1/{LIVE}\n"
    for name, text in ((f"1/{WHOLE}", window), (f"1/{LIVE}", window), (INDEX, index)):
        s3.put_object(Bucket=place.bucket, Key=f"{place.key}/{name}", Body=text.encode())


def unfinished_recordings(account: str) -> int:
    """Return how many uploads nobody completed, pieces beside none, and playlists nobody ended."""
    bucket = s3_backends[account]["aws"].buckets.get(BUCKET)
    if bucket is None:
        return 0
    texts = {key: bucket.keys[key].value.decode() for key in bucket.keys if key.endswith(".m3u8")}
    live = [key for key, text in texts.items() if not text.endswith((f"{WHOLE}\n", "#EXT-X-ENDLIST\n"))]
    return len(bucket.multiparts) + sum(".tail/" in key for key in bucket.keys) + len(live)
