"""Smaller pictures beside a production's programme: which are refused, and where one is missing."""

from collections.abc import Iterator
from typing import Any

from lambdas.modules.catalogue import Engine
from lambdas.production.machines.machine_need import rendition_sizes

HEVC = "hevc"


def rendition_mistakes(document: dict[str, Any], engine: Engine) -> Iterator[str]:
    """Yield what the renditions of a valid document contradict, and what the watch page lacks of them.

    Args:
        document: The document with its defaults.
        engine: The production's engine.
    """
    mix, encode = document["mix"], document["encode"]
    renditions = encode["renditions"]
    if engine is not Engine.MEDIA:
        if renditions:
            yield f"$.encode.renditions is given; expected none with the {engine} engine"
        return
    for number, (width, height) in enumerate(rendition_sizes(document)):
        if width > mix["width"] or height > mix["height"]:
            yield (
                f"$.encode.renditions[{number}] is {width}x{height}; expected no more than the programme's "
                f"{mix['width']}x{mix['height']}, of which it is made"
            )
    if encode["codec"] == HEVC and not renditions:
        yield (
            '$.encode.codec is "hevc", which many browsers of a watch page cannot play; expected h264, or an '
            'H.264 picture beside it, such as "renditions": [{"height": '
            f'{min(720, mix["height"])}, "bitRate": 3000000}}]'
        )
