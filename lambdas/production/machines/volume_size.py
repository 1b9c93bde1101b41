"""How large a machine's volume is: for what the production writes until it ends, and what is there anyway.

dynamorse's ``cloud-store-out`` sends its parts to S3 from memory, so only the media engine's machine writes.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

from lambdas.modules.catalogue import Engine
from lambdas.production.model import ENCODER, MIXER, lifetime
from lambdas.production.source_recordings import recorded_sources

GIBIBYTE = 2**30

SMALLEST_GIB = 30
"""Of the ECS-optimised Amazon Linux 2023's snapshot: no volume made of it may be smaller.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-ami-storage-config.html"""
LARGEST_GIB = 65_536
"""Of gp3, 64 TiB since September 2025; 16 TiB before.
https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html"""
SYSTEM_BYTES = 4 * GIBIBYTE
"""Amazon Linux with Docker and the ECS agent, assumed: `df -h /` on a machine shows it."""
IMAGE_BYTES = {Engine.MEDIA: 175_000_000, Engine.DYNAMORSE: 500_000_000}
"""Compressed. The media engine's is 80 MB of Node.js on Debian slim (https://hub.docker.com/_/node), 27 MB of
Node-RED and its packages and 68 MB of FFmpeg, as ``make bench`` packs them; dynamorse's is assumed.
`organist deploy` prints the real size, ECR's imageSizeInBytes:
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html"""
UNPACKED = 3
"""Times the compressed size: what gzip makes of system files; Docker keeps both while it unpacks."""
CONTAINER_SHARE = 0.05
"""What MP4 and MPEG-TS add to the pictures: 4 bytes of 188 in each TS packet, and each picture's headers.
https://www.itu.int/rec/T-REC-H.222.0"""
SEGMENTS_KEPT = 36
"""The 30 of the playlist (WINDOW in the media nodes' engine/outputs/packaging/packager.js), the 5 that left
it and may still be asked for (LINGER), and the one being written."""
RING_SECONDS = 600
"""So much of what goes to S3 may wait for it (RING_SECONDS in engine/outputs/storage/waiting.js)."""
MARGIN_BYTES = 4 * GIBIBYTE
"""Modules that npm installs or builds, the still, logs, and what a file system keeps for itself; assumed."""


@dataclass(frozen=True)
class Volume:
    """What a machine's volume has to hold, in bytes.

    Attributes:
        recording: The recordings, written until the machine ends, or as much of them as may wait for S3.
        publishing: As much of what is published as may wait for S3.
        segments: The HLS segments that are kept.
        image: The container image, compressed and unpacked.
    """

    recording: int
    publishing: int
    segments: int
    image: int

    @property
    def gibibytes(self) -> int:
        """The size to ask EC2 for."""
        needed = self.recording + self.publishing + self.segments + self.image + SYSTEM_BYTES + MARGIN_BYTES
        return max(SMALLEST_GIB, ceil(needed / GIBIBYTE))

    @property
    def arithmetic(self) -> str:
        """The sum in words."""
        parts = {
            "recording": self.recording,
            "publishing": self.publishing,
            "HLS segments": self.segments,
            "image": self.image,
            "system": SYSTEM_BYTES,
            "margin": MARGIN_BYTES,
        }
        message = " + ".join(f"{name} {size / GIBIBYTE:,.1f}" for name, size in parts.items())
        return f"{message} = {self.gibibytes:,} GiB"


def machine_volume(role: str, engine: Engine, document: dict[str, Any]) -> Volume:
    """Return what the volume of a machine has to hold.

    Args:
        role: The machine's.
        engine: The production's.
        document: The document with every default filled in.
    """
    image = IMAGE_BYTES[engine] * (1 + UNPACKED)
    if engine is not Engine.MEDIA:
        return Volume(0, 0, 0, image)
    bytes_a_second = sum(_bit_rates(document)) / 8 * (1 + CONTAINER_SHARE)
    seconds = _kept_seconds(document)
    if role == MIXER:
        return Volume(ceil(bytes_a_second * seconds) * len(recorded_sources(document)), 0, 0, image)
    is_published = "publish" in document["output"]
    kept = SEGMENTS_KEPT * document["output"]["segmentSeconds"] * (1 + is_published)
    waiting = RING_SECONDS if is_published else 0
    ladder = bytes_a_second + sum(_rendition_rates(document)) / 8 * (1 + CONTAINER_SHARE)
    recording = ceil(bytes_a_second * seconds)
    publishing, segments = (ceil(ladder * span) for span in (waiting, kept))
    return Volume(recording, publishing, segments, image)


def volume_mistakes(engine: Engine, document: dict[str, Any]) -> list[str]:
    """Return why a machine's volume cannot be had, with the arithmetic; empty if it can.

    Args:
        engine: The production's.
        document: The document with every default filled in.
    """
    volumes = [machine_volume(role, engine, document) for role in (MIXER, ENCODER)]
    cause = f"$.runSeconds is {document['runSeconds']} and $.encode.bitRate {document['encode']['bitRate']}"
    return [
        f"{cause}; expected a recording that the largest gp3 volume of EC2 holds, {LARGEST_GIB:,} GiB: "
        f"{volume.arithmetic}"
        for volume in volumes
        if volume.gibibytes > LARGEST_GIB
    ]


def _kept_seconds(document: dict[str, Any]) -> float:
    if {"record", "location"} & document["output"].keys():
        return RING_SECONDS
    # A machine writes until it ends, or ends itself: nothing is recorded beyond that.
    return lifetime(document["runSeconds"]).total_seconds()


def _rendition_rates(document: dict[str, Any]) -> list[int]:
    encode = document["encode"]
    return [one["bitRate"] + encode["soundBitRate"] for one in encode["renditions"]]


def _bit_rates(document: dict[str, Any]) -> tuple[int, int]:
    return document["encode"]["bitRate"], document["encode"]["soundBitRate"]
