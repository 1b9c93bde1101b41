"""Frame rates, key frames and segments.

Rates are exact fractions: 23.976, 29.97 and 59.94 mean 24000/1001, 30000/1001 and 60000/1001. HLS cuts at key
frames only, so their distance has to divide a segment.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any


def exact_rate(asked: float) -> Fraction:
    """Return the frames a second that a document's ``mix.frameRate`` means (SMPTE ST 12-1).

    Args:
        asked: A rate that the input's schema allows.
    """
    return Fraction(asked) if asked == round(asked) else Fraction(whole_rate(asked) * 1000, 1001)


def whole_rate(asked: float) -> int:
    """Return the whole number of frames that a second of time code counts: 30 at 29.97."""
    return round(asked)


def segment_frames(document: Mapping[str, Any]) -> int:
    """Return how many frames a segment has, by time code: 60 in two seconds of 29.97, which last 2.002 s.

    Args:
        document: The document with ``mix.frameRate`` (frames/s) and ``output.segmentSeconds``.
    """
    return whole_rate(document["mix"]["frameRate"]) * int(document["output"]["segmentSeconds"])


def fitting_distance(longest: int, frames: int) -> int:
    """Return the largest key frame distance that divides a segment.

    Args:
        longest: What it is at the most, frames.
        frames: Those of the segment.
    """
    return max(distance for distance in range(1, longest + 1) if frames % distance == 0)


def key_frame_mistakes(document: Mapping[str, Any]) -> list[str]:
    """Return why the key frames do not fit the segments, with the numbers; empty if they do.

    Args:
        document: The document with every default filled in.
    """
    distance, frames = document["encode"]["gopFrames"], segment_frames(document)
    if frames % distance == 0:
        return []
    return [
        f"$.encode.gopFrames is {distance}; expected a number that divides the {frames} frames of a segment "
        f"({document['output']['segmentSeconds']} s at {document['mix']['frameRate']} frames/s), such as "
        f"{fitting_distance(distance, frames)}"
    ]
