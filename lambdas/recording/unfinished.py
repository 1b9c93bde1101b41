"""One file of a recording that its machine has not finished: completed from what S3 has of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from lambdas.recording.places import TAIL

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 8 * 2**20  # at the least, of what is made of a tail; S3 wants 5 MiB of all parts but the last
PIECE = re.compile(r"(\d{15})-(\d+)-(\d+)-([0-9a-f]{8})\.piece")
GONE = ("NoSuchUpload", "404", "NoSuchKey", "NotFound")
OF_A_PART = ("PartNumber", "ETag", "ChecksumCRC32")  # what CompleteMultipartUpload is told
MOST_DELETED = 1000  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html


@dataclass(frozen=True)
class Piece:
    """A piece of the file that lies beside its upload; the counts are of the file up to the piece's end."""

    key: str
    offset: int
    size: int
    frames: int
    seconds: float
    crc32: str


@dataclass(frozen=True)
class CompletedFile:
    """What there is of a file now: its size, and of the last piece the counts, if it ended with one."""

    size: int
    last: Piece | None


class UnfinishedFile:
    """A multipart upload, and the tail beside it."""

    def __init__(self, bucket: str, key: str, upload_id: str, s3: "S3Client") -> None:
        """Take the object's place, the upload's id, and the client."""
        self._bucket, self._key, self._upload_id, self._s3 = bucket, key, upload_id, s3

    def complete(self) -> CompletedFile | None:
        """Return what the object has, once it is complete; None if there was nothing of it.

        It may be called again after an answer that got lost.
        """
        try:
            parts = list(self._parts())
        except ClientError as error:
            if error_code(error) not in GONE:
                raise
            return self._there()
        pieces = self._pieces()
        size = sum(part["Size"] for part in parts)
        following = list(chain_of(pieces, size))
        done: list[Any] = [{name: part[name] for name in OF_A_PART if name in part} for part in parts]
        done += self._send(following, len(parts))
        object_id: Any = {"Bucket": self._bucket, "Key": self._key, "UploadId": self._upload_id}
        if done:
            self._s3.complete_multipart_upload(**object_id, MultipartUpload={"Parts": done})
        else:
            self._s3.abort_multipart_upload(**object_id)
        self._clear(pieces)
        if not done:
            return None
        last = following[-1] if following else None
        return CompletedFile(size + sum(piece.size for piece in following), last)

    def _parts(self) -> Iterator[Any]:
        pages = self._s3.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=self._key, UploadId=self._upload_id
        )
        for page in pages:
            yield from page.get("Parts", [])

    def _pieces(self) -> list[Piece]:
        prefix = f"{self._key}{TAIL}"
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [
            Piece(found["Key"], int(match[1]), found["Size"], int(match[2]), int(match[3]) / 1000, match[4])
            for page in pages
            for found in page.get("Contents", [])
            if (match := PIECE.fullmatch(found["Key"].removeprefix(prefix)))
        ]

    def _send(self, pieces: list[Piece], sent: int) -> list[Any]:
        done: list[Any] = []
        body = b""
        for number, piece in enumerate(pieces, start=1):
            body += self._s3.get_object(Bucket=self._bucket, Key=piece.key)["Body"].read()
            if len(body) < PART_BYTES and number < len(pieces):
                continue
            part = sent + len(done) + 1
            answer = self._s3.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                PartNumber=part,
                Body=body,
                ChecksumAlgorithm="CRC32",  # as the engine began it
            )
            checksum = {"ChecksumCRC32": answer["ChecksumCRC32"]} if "ChecksumCRC32" in answer else {}
            done.append({"PartNumber": part, "ETag": answer["ETag"], **checksum})
            body = b""
        return done

    def _there(self) -> CompletedFile | None:
        try:
            size = self._s3.head_object(Bucket=self._bucket, Key=self._key)["ContentLength"]
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise
        pieces = self._pieces()
        self._clear(pieces)
        ends = [piece for piece in pieces if piece.offset + piece.size == size]
        return CompletedFile(size, ends[0] if ends else None)

    def _clear(self, pieces: list[Piece]) -> None:
        for start in range(0, len(pieces), MOST_DELETED):
            keys: Any = [{"Key": piece.key} for piece in pieces[start : start + MOST_DELETED]]
            self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True})


def chain_of(pieces: list[Piece], size: int) -> Iterator[Piece]:
    """Return the pieces that go on where the parts end, each where the one before it does.

    Args:
        pieces: All that there are, in any order; those that a part has already are passed by.
        size: What the parts have, in bytes.
    """
    by_offset = {piece.offset: piece for piece in pieces}
    while piece := by_offset.get(size):
        yield piece
        size += piece.size
        if piece.size == 0:
            return
