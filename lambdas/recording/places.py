"""Where a production's recording goes in S3, and how everything beside it is called.

The media nodes' engine/outputs/recording has the same names; a test of a whole production holds the two
together.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

S3 = "s3://"
MANIFEST = ".json"
TAIL = ".tail/"
SOURCES = "-sources/"

LONGEST = 240
"""Characters of a location, so that it fits into a tag beside its name: 256 is the most of a tag's value.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html"""
EXACT = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\.mp4")
"""What a recording's own location may be: of the characters that a tag's value may have."""


@dataclass(frozen=True)
class RecordingPlace:
    """The place of a recording's first file; later runs', manifest and tails lie beside it."""

    bucket: str
    key: str

    @classmethod
    def at(cls, location: str) -> Self:
        """Return the place that ``s3://bucket/key`` names."""
        bucket, _, key = location.removeprefix(S3).partition("/")
        return cls(bucket, key)

    @property
    def stem(self) -> str:
        """The key without ``.mp4``: every key beside it begins with it."""
        return self.key.removesuffix(".mp4")

    @property
    def manifest_key(self) -> str:
        """The key of the document that lists the recording's files."""
        return f"{self.stem}{MANIFEST}"

    def key_of(self, name: str) -> str:
        """Return the key of one of its files by its name in the manifest."""
        folder, slash, _ = self.key.rpartition("/")
        return f"{folder}{slash}{name}"

    def is_file(self, key: str) -> bool:
        """Return whether a key is one of its files: the first one's, or that of a later run."""
        return re.fullmatch(rf"{re.escape(self.stem)}(-\d+)?\.mp4", key) is not None

    def location_of(self, key: str) -> str:
        """Return a key beside it as ``s3://bucket/key``."""
        return f"{S3}{self.bucket}/{key}"


def sources_location(location: str) -> str:
    """Return where sources are recorded by themselves: ``s3://bucket/folder/`` beside the programme.

    Args:
        location: The programme's, ``s3://bucket/key``.
    """
    return f"{location.removesuffix('.mp4')}{SOURCES}"


def recording_location(output: Mapping[str, Any], production_id: str) -> str:
    """Return where the media engine records to, empty for the machine's own disk.

    Args:
        output: The document's, with its defaults: ``location``, or ``record`` and ``fileName``.
        production_id: Has its own folder below ``record``.
    """
    if "location" in output:
        return str(output["location"])
    if "record" in output:
        return f"{output['record'].rstrip('/')}/{production_id}/{output['fileName']}"
    return ""
