"""What the media engine has put into S3 when its machine goes: a recording that others have to complete."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

import boto3
from moto.s3.models import s3_backends

from lambdas.recording.places import RecordingPlace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, FOLDER = "organist-media", "shows"
RECORD = f"s3://{BUCKET}/{FOLDER}"
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


def unfinished_recordings(account: str) -> int:
    """Return how many uploads nobody has completed, and how many pieces lie beside none."""
    bucket = s3_backends[account]["aws"].buckets.get(BUCKET)
    if bucket is None:
        return 0
    return len(bucket.multiparts) + sum(".tail/" in key for key in bucket.keys)
