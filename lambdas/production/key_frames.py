"""Key frames and segments: HLS cuts at key frames only, so the one distance has to divide the other."""

from collections.abc import Mapping
from typing import Any


def segment_frames(document: Mapping[str, Any]) -> int:
    """Return how many frames a segment has.

    Args:
        document: The document with ``mix.frameRate`` (frames/s) and ``output.segmentSeconds``.
    """
    rate, seconds = float(document["mix"]["frameRate"]), float(document["output"]["segmentSeconds"])
    return round(rate * seconds)


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
