"""A whole recording, complete: every file that its machine has not finished, and the manifest."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from lambdas.recording.places import RecordingPlace
from lambdas.recording.unfinished import CompletedFile, UnfinishedFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COMPLETE, RECOVERED, LOST = "complete", "recovered", "lost"
MOST_TOLD = 20  # files in an answer: the state machine carries it; the manifest has all


class RecordedFile(TypedDict):
    """One file of a recording; states: complete, recovered (finished without its machine), lost (nothing)."""

    location: str
    state: str
    bytes: int
    seconds: float
    frames: int


class Recorded(TypedDict):
    """A recording as it is in S3: its first file's place, its manifest's, and its files."""

    location: str
    manifest: str
    files: list[RecordedFile]


class Recording:
    """The recording of one production."""

    def __init__(self, location: str, production_id: str, s3: "S3Client") -> None:
        """Take the first file's place, whose it is, and the client."""
        self._place, self._production_id, self._s3 = RecordingPlace.at(location), production_id, s3

    def complete(self) -> Recorded:
        """Finish every file that is not finished, and return all there are."""
        manifest = self._manifest()
        entries: list[dict[str, Any]] = manifest["files"]
        known = {entry.get("uploadId") for entry in entries}
        for upload in self._uploads():
            if upload["UploadId"] in known:
                continue
            name = upload["Key"].rpartition("/")[2]
            entries.append({"name": name, "state": "recording", "uploadId": upload["UploadId"]})
        open_ones = [entry for entry in entries if entry["state"] not in (COMPLETE, RECOVERED, LOST)]
        for entry in open_ones:
            self._finish(entry)
        if open_ones:
            self._write(manifest)
        return {
            "location": self._place.location_of(self._place.key),
            "manifest": self._place.location_of(self._place.manifest_key),
            "files": [self._told(entry) for entry in entries[:MOST_TOLD]],
        }

    def _finish(self, entry: dict[str, Any]) -> None:
        upload_id = entry.pop("uploadId", None)
        key = self._place.key_of(entry["name"])
        done = UnfinishedFile(self._place.bucket, key, upload_id, self._s3).complete() if upload_id else None
        entry["state"] = RECOVERED if done else LOST
        if done:
            entry |= _counts(done, entry)

    def _manifest(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"production": self._production_id, "files": [], "gaps": []}
        try:
            answer = self._s3.get_object(Bucket=self._place.bucket, Key=self._place.manifest_key)
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return empty
            raise
        found: dict[str, Any] = json.loads(answer["Body"].read())
        # Of another production that recorded to the same place before: not this one's to finish.
        return found if found.get("production") == self._production_id else empty

    def _uploads(self) -> Iterator[Any]:
        """Those that the manifest may not know yet, where the place is this production's alone."""
        if self._production_id not in self._place.key.split("/"):
            return
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._place.bucket, Prefix=self._place.stem
        )
        for page in pages:
            yield from (found for found in page.get("Uploads", []) if self._place.is_file(found["Key"]))

    def _write(self, manifest: dict[str, Any]) -> None:
        self._s3.put_object(
            Bucket=self._place.bucket,
            Key=self._place.manifest_key,
            Body=f"{json.dumps(manifest, indent=2)}\n".encode(),
            ContentType="application/json",
        )

    def _told(self, entry: dict[str, Any]) -> RecordedFile:
        return {
            "location": self._place.location_of(self._place.key_of(entry["name"])),
            "state": entry["state"],
            "bytes": entry.get("bytes", 0),
            "seconds": entry.get("seconds", 0),
            "frames": entry.get("frames", 0),
        }


def _counts(done: CompletedFile, entry: dict[str, Any]) -> dict[str, Any]:
    if done.last:
        return {
            "bytes": done.size,
            "frames": done.last.frames,
            "seconds": done.last.seconds,
            "crc32": done.last.crc32,
        }
    # It ended with a part, which the manifest tells of unless the machine died before it could.
    return {"bytes": done.size} | ({} if entry.get("bytes") == done.size else {"crc32": None})
