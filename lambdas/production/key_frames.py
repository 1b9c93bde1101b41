"""Key frames and segments: HLS cuts at key frames only, so the one distance has to divide the other."""

from collections.abc import Mapping
from typing import Any

from lambdas.production.frame_rate import whole_rate


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
