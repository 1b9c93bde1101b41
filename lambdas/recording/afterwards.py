"""What is done about a production once its machines are gone: all that it made is completed."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from lambdas.recording.completion import RecordedFile, Recording
from lambdas.recording.publication import Publication, Published
from lambdas.recording.sources import complete_sources

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Made:
    """Where a production went in S3, each empty for nowhere.

    Attributes:
        location: ``s3://bucket/key`` of the first file of the programme's recording.
        sources: ``s3://bucket/folder/`` of the recordings of its sources by themselves.
        publication: ``s3://bucket/prefix`` of what is published.
        production_id: Whose it is.
    """

    location: str
    sources: str
    publication: str
    production_id: str


class Completed(TypedDict):
    """Where a production recorded and published, empty for nowhere, and what there is of it."""

    location: str
    manifest: str
    files: list[RecordedFile]
    sources: str
    sourceFiles: list[RecordedFile]
    publication: str
    published: Published | None


def complete(made: Made, s3: "S3Client") -> Completed:
    """Finish what the machines could not; what they have finished is left as it is.

    What cannot be completed keeps nothing else waiting; it is raised at the end.

    Args:
        made: Where it is.
        s3: The client to ask.
    """
    done = Completed(
        location=made.location,
        manifest="",
        files=[],
        sources=made.sources,
        sourceFiles=[],
        publication=made.publication,
        published=None,
    )

    def programme() -> None:
        recorded = Recording(made.location, made.production_id, s3).complete()
        done["manifest"], done["files"] = recorded["manifest"], recorded["files"]

    def sources() -> None:
        done["sourceFiles"] = complete_sources(made.sources, made.production_id, s3)

    def publication() -> None:
        done["published"] = Publication(made.publication, s3).end()

    steps = ((made.publication, publication), (made.sources, sources), (made.location, programme))
    with ExitStack() as each:  # the last one first, all of them, whatever the others raise
        for place, step in steps:
            if place:
                each.callback(step)
    return done
