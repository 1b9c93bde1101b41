"""What a production published on the web, as HLS in S3: ended and made whole where its machine could not.

The media nodes' engine/outputs/publishing has the same names; a test of a whole production holds the two
together. A programme has a master playlist, and of each rendition the segments, the playlist of the newest
ones (``live``), and that of all of them (``whole``), which the machine renews with every tenth segment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from lambdas.recording.completion import COMPLETE, RECOVERED
from lambdas.recording.places import RecordingPlace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INDEX, LIVE, WHOLE = "index.m3u8", "live.m3u8", "whole.m3u8"
RENDITION = re.compile(r"^(\d)/(?:live|whole)\.m3u8$", re.MULTILINE)
SEGMENT = re.compile(r"^live-(\d+)\.m4s$")
DURATION = re.compile(r"^#EXTINF:([\d.]+),", re.MULTILINE)
MAP, DISCONTINUITY, END = "#EXT-X-MAP:", "#EXT-X-DISCONTINUITY", "#EXT-X-ENDLIST"
WINDOWS = ("#EXT-X-PLAYLIST-TYPE:", "#EXT-X-ENDLIST")
OF_A_SEGMENT = (MAP, "#EXTINF:", "#EXT-X-PROGRAM-DATE-TIME:")
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
CACHING = "public, max-age=1"  # as the engine's packager has it


class Published(TypedDict):
    """What can be watched: its master playlist, whether its machine ended it, and how long it is, in s."""

    location: str
    state: str
    seconds: float


@dataclass(frozen=True)
class Entry:
    """A segment of a playlist: its number, what has to be loaded first, and its lines without that."""

    number: int
    map: str
    lines: tuple[str, ...]


def publication_location(output: dict[str, str], production_id: str) -> str:
    """Return where a production publishes, ``s3://bucket/prefix`` of its own; empty for nowhere.

    Args:
        output: The document's.
        production_id: Has its own folder below ``publish``.
    """
    return f"{output['publish'].rstrip('/')}/{production_id}" if "publish" in output else ""


class Publication:
    """What one production published."""

    def __init__(self, location: str, s3: "S3Client") -> None:
        """Take ``s3://bucket/prefix`` of the production's own, and the client."""
        self._place, self._s3 = RecordingPlace.at(location), s3

    def end(self) -> Published | None:
        """End what is not ended, so that all of it can be watched; None if there is nothing.

        It may be called again after an answer that got lost.
        """
        index = self._read(INDEX)
        if index is None:
            return None
        renditions = [self._end_rendition(number) for number in RENDITION.findall(index)]
        whole = RENDITION.sub(rf"\1/{WHOLE}", index)
        if whole != index:
            self._write(INDEX, whole)
        is_recovered = whole != index or any(recovered for recovered, _ in renditions)
        listed = next((text for _, text in renditions), "")
        return {
            "location": self._place.location_of(f"{self._place.key}/{INDEX}"),
            "state": RECOVERED if is_recovered else COMPLETE,
            "seconds": round(sum(float(seconds) for seconds in DURATION.findall(listed)), 3),
        }

    def _end_rendition(self, number: str) -> tuple[bool, str]:
        """End one; return whether its machine had not, and the list of all its segments."""
        live, whole = self._read(f"{number}/{LIVE}") or "", self._read(f"{number}/{WHOLE}") or ""
        ended = whole if END in whole else joined(whole, live)
        if ended != whole:
            self._write(f"{number}/{WHOLE}", ended)
        is_live = bool(live) and END not in live
        if is_live:
            self._write(f"{number}/{LIVE}", f"{live}{END}\n")
        return ended != whole or is_live, ended

    def _read(self, name: str) -> str | None:
        try:
            answer = self._s3.get_object(Bucket=self._place.bucket, Key=f"{self._place.key}/{name}")
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return None
            raise
        return answer["Body"].read().decode()

    def _write(self, name: str, text: str) -> None:
        self._s3.put_object(
            Bucket=self._place.bucket,
            Key=f"{self._place.key}/{name}",
            Body=text.encode(),
            ContentType=PLAYLIST_TYPE,
            CacheControl=CACHING,
        )


def joined(whole: str, live: str) -> str:
    """Return the ended playlist of all segments.

    Args:
        whole: The list of all up to some moment; empty without one.
        live: The window of the newest segments; empty without one.
    """
    entries = list(entries_of(whole))
    last = entries[-1].number if entries else -1
    entries += [entry for entry in entries_of(live) if entry.number > last]
    head = [line for line in _head(whole or live) if not line.startswith(WINDOWS)]
    return "\n".join([*head, "#EXT-X-PLAYLIST-TYPE:EVENT", *_lines(entries), END, ""])


def entries_of(playlist: str) -> Iterator[Entry]:
    """Yield the segments of a playlist as the engine writes it."""
    loaded = ""
    lines: list[str] = []
    for line in playlist.splitlines()[len(_head(playlist)) :]:
        if line.startswith(MAP):
            loaded = line
        elif match := SEGMENT.match(line):
            yield Entry(int(match[1]), loaded, (*lines, line))
            lines = []
        elif line != END:
            lines.append(line)


def _head(playlist: str) -> list[str]:
    lines = playlist.splitlines()
    first = (at for at, line in enumerate(lines) if line == DISCONTINUITY or line.startswith(OF_A_SEGMENT))
    return lines[: next(first, len(lines))]


def _lines(entries: list[Entry]) -> Iterator[str]:
    loaded, expected = "", None
    for entry in entries:
        rest = entry.lines
        # Where numbers are missing, timestamps do not go on.
        if rest[0] == DISCONTINUITY or (expected is not None and entry.number != expected):
            yield DISCONTINUITY
            rest = rest[1:] if rest[0] == DISCONTINUITY else rest
        if entry.map != loaded:
            yield entry.map
        yield from rest
        loaded, expected = entry.map, entry.number + 1
