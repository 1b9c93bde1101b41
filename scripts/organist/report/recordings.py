"""What a production has recorded into S3, in words, and brought into a folder of the person's."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdas.recording.places import RecordingPlace
from lambdas.recording.sources import source_locations

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def recording_lines(recording: dict[str, Any]) -> list[str]:
    """Return a line for each file of a recording, one for its manifest, and one for each file of its sources.

    Args:
        recording: As the state machine carries it: ``location`` and ``sources``, and once it is complete
            ``files``, ``manifest`` and ``sourceFiles``.
    """
    if not recording.get("location"):
        return []
    if "files" not in recording:
        return [f"{recording['location']}: not complete"]
    files, of_sources = (
        [_file_line(file) for file in recording.get(name, [])] for name in ("files", "sourceFiles")
    )
    if recording.get("sources") and not of_sources:
        of_sources = [f"{recording['sources']}: nothing was recorded"]
    nothing = [f"{recording['location']}: nothing was recorded"]
    return [*(files or nothing), recording["manifest"], *of_sources]


def _file_line(file: dict[str, Any]) -> str:
    return (
        f"{file['location']}: {file['state']}, {file['frames']:,} frames, {file['seconds']:.1f} s, "
        f"{file['bytes'] / 1e6:.1f} MB"
    )


def publication_lines(where: str, recording: dict[str, Any]) -> list[str]:
    """Return a line for what a production publishes; none where it publishes nothing.

    Args:
        where: It can be watched; empty for nowhere.
        recording: As the state machine carries it: at the end with ``published``.
    """
    if not where:
        return []
    if "published" not in recording:
        return [f"{where}: not ended"]
    published = recording["published"]
    return [
        f"{where}: {published['state']}, {published['seconds']:.1f} s" if published else f"{where}: nothing"
    ]


def fetch_recordings(recording: dict[str, Any], s3: "S3Client", target: Path) -> list[Path]:
    """Copy a production's recordings into a folder, those of its sources into one below; return the files.

    Args:
        recording: As the state machine carries it: ``location``, ``sources``.
        s3: The client of where they are.
        target: The folder, made if needed.
    """
    fetched = fetch_recording(recording["location"], s3, target)
    if sources := recording.get("sources"):
        for location in source_locations(sources, s3):
            fetched += fetch_recording(location, s3, target / "sources")
    return fetched


def fetch_recording(location: str, s3: "S3Client", target: Path) -> list[Path]:
    """Copy a recording's files and its manifest into a folder; return them, sorted by name.

    Args:
        location: ``s3://bucket/key`` of its first file.
        s3: The client of where it is.
        target: The folder, made if needed.
    """
    place = RecordingPlace.at(location)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.stem)
    keys = [
        found["Key"]
        for page in pages
        for found in page.get("Contents", [])
        if place.is_file(found["Key"]) or found["Key"] == place.manifest_key
    ]
    target.mkdir(parents=True, exist_ok=True)
    fetched = []
    for key in keys:
        path = target / key.rpartition("/")[2]
        s3.download_file(place.bucket, key, str(path))
        fetched.append(path)
    return sorted(fetched)


def fetch_object(location: str, s3: "S3Client", target: Path) -> list[Path]:
    """Copy an object that a production has stored into a folder; return the file.

    Args:
        location: ``s3://bucket/key``.
        s3: The client of where it is.
        target: The folder, made if needed.
    """
    place = RecordingPlace.at(location)
    target.mkdir(parents=True, exist_ok=True)
    path = target / place.key.rpartition("/")[2]
    s3.download_file(place.bucket, place.key, str(path))
    return [path]
