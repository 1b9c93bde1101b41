"""The recordings of sources by themselves: all that lie in a production's folder of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambdas.recording.completion import RecordedFile, Recording
from lambdas.recording.places import MANIFEST, RecordingPlace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def complete_sources(folder: str, production_id: str, s3: "S3Client") -> list[RecordedFile]:
    """Finish what of a production's sources is not finished, and return all files there are.

    Args:
        folder: ``s3://bucket/folder/`` as ``sources_location`` has it.
        production_id: Whose they are.
        s3: The client to ask.
    """
    recordings = [Recording(location, production_id, s3) for location in source_locations(folder, s3)]
    return [file for recording in recordings for file in recording.complete()["files"]]


def source_locations(folder: str, s3: "S3Client") -> list[str]:
    """Return ``s3://bucket/key`` of the first file of each recording in a folder of sources, sorted.

    Each has a manifest from its beginning on; one whose manifest S3 refused is known by its upload.
    """
    place = RecordingPlace.at(folder)
    keys = {f"{key.removesuffix(MANIFEST)}.mp4" for key in _objects(place, s3) if key.endswith(MANIFEST)}
    for key in sorted(_uploads(place, s3), key=len):
        if not any(RecordingPlace(place.bucket, known).is_file(key) for known in keys):
            keys.add(key)
    return [place.location_of(key) for key in sorted(keys)]


def _objects(place: RecordingPlace, s3: "S3Client") -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.key)
    for page in pages:
        yield from (found["Key"] for found in page.get("Contents", []))


def _uploads(place: RecordingPlace, s3: "S3Client") -> Iterator[str]:
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=place.bucket, Prefix=place.key)
    for page in pages:
        yield from (found["Key"] for found in page.get("Uploads", []) if found["Key"].endswith(".mp4"))
