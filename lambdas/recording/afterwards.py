"""What is done about a production once its machines are gone: all that it made is completed."""

from typing import TYPE_CHECKING, TypedDict

from lambdas.recording.completion import RecordedFile, Recording
from lambdas.recording.publication import Publication, Published

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Completed(TypedDict):
    """Where a production recorded and published, either empty for nowhere, and what there is of it."""

    location: str
    manifest: str
    files: list[RecordedFile]
    publication: str
    published: Published | None


def complete(location: str, publication: str, production_id: str, s3: "S3Client") -> Completed:
    """Finish what the encoder machine could not; what it has finished is left as it is.

    Args:
        location: ``s3://bucket/key`` of the recording's first file, or empty.
        publication: ``s3://bucket/prefix`` of what is published, or empty.
        production_id: Whose it is.
        s3: The client to ask.
    """
    done = Completed(location=location, manifest="", files=[], publication=publication, published=None)
    try:
        if location:
            recorded = Recording(location, production_id, s3).complete()
            done["manifest"], done["files"] = recorded["manifest"], recorded["files"]
    finally:  # a recording that cannot be completed keeps nobody waiting for an end
        if publication:
            done["published"] = Publication(publication, s3).end()
    return done
