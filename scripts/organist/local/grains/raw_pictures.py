"""Pictures as dynamorse's cloud-store-in reads them: made of any video by FFmpeg, one grain a picture."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

from organist.command_errors import CommandError

STORED = ".grains"
"""What the names of such objects end with."""


class GrainsError(CommandError):
    """The pictures cannot be made, or not be stored."""


@dataclass(frozen=True)
class GrainFormat:
    """Size (pixels, even numbers) and rate (pictures a second) of the pictures of an object.

    They are packed 10-bit 4:2:2 as RFC 4175 has it: Cb Y0 Cr Y1 of 10 bits each, big endian. The lines of the
    first field are stored before those of the second: codecadon 0.1.18 (src/Params.h:57) takes the text
    ``interlace=0`` for true, and puts fields together (src/Concater.cc:81-107).
    """

    width: int
    height: int
    frame_rate: Fraction

    @property
    def grain_bytes(self) -> int:
        """The bytes of a picture: five for two pixels."""
        return self.width * self.height * 5 // 2

    @property
    def content_type(self) -> str:
        """The object's content type, of which file-io makes its tags."""
        return (
            f"video/raw; sampling=YCbCr-4:2:2; width={self.width}; height={self.height}; depth=10; "
            "colorimetry=BT709-2; interlace=0"
        )

    @property
    def metadata(self) -> dict[str, str]:
        """The object's metadata: a grain's length in bytes, and its duration in seconds."""
        rate = self.frame_rate
        return {"grainsize": str(self.grain_bytes), "duration": f"{rate.denominator}/{rate.numerator}"}

    @property
    def filters(self) -> str:
        """FFmpeg's filters: any picture fitted, in BT.709, its lines field by field."""
        size = f"{self.width}:{self.height}"
        return (
            f"fps={self.frame_rate},scale=iw*sar:ih,"
            f"scale={size}:force_original_aspect_ratio=decrease:out_color_matrix=bt709:out_range=tv,"
            f"pad={size}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv422p10le,il=l=d:c=d"
        )


class Grains:
    """A stream of grains; at its end it is known whether it is whole."""

    def __init__(
        self, video: Path, process: "subprocess.Popen[bytes]", stream: IO[bytes], errors: IO[bytes]
    ) -> None:
        """Take FFmpeg, its pictures, and the file that it writes its errors to."""
        self._video, self._process, self._stream, self._errors = video, process, stream, errors
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end; ``GrainsError`` where FFmpeg failed."""
        data = self._stream.read(size)
        self.size += len(data)
        if not data and (code := self._process.wait()) != 0:
            self._errors.seek(0)
            reason = self._errors.read().decode(errors="replace").strip().splitlines()
            raise GrainsError(f"FFmpeg ended with {code} on {self._video}: {' '.join(reason[-2:])}")
        if not data and self.size == 0:
            raise GrainsError(f"{self._video} has no pictures.")
        return data


@contextmanager
def make_grains(video: Path, to: GrainFormat, seconds: float) -> Iterator[Grains]:
    """Yield the first seconds of a video as grains.

    Args:
        video: Any file that FFmpeg reads.
        to: The pictures' format.
        seconds: How long at the most.
    """
    import tempfile  # noqa: PLC0415 - with what follows only this command needs it

    from local_cloud.toolchain import ffmpeg  # noqa: PLC0415

    command = [str(ffmpeg()), "-hide_banner", "-loglevel", "error", "-nostdin", "-i", f"file:{video}"]
    command += ["-t", str(seconds), "-map", "0:v:0", "-vf", to.filters, "-c:v", "bitpacked"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*command, "-f", "rawvideo", "pipe:1"], stdout=subprocess.PIPE, stderr=errors
        )
        try:
            if process.stdout is None:
                raise GrainsError("FFmpeg gives no pictures.")
            yield Grains(video, process, process.stdout, errors)
        finally:
            process.kill()
            process.communicate()
