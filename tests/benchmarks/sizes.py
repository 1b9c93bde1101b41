"""What has to be fetched before anything runs: the functions' zip, and Node-RED's image, by its layers."""

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import imageio_ffmpeg

from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from organist.deploy.package.lambda_package import build_package

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BASE_BYTES = 80_000_000
"""Node.js on Debian slim, published: https://hub.docker.com/_/node (24-trixie-slim, compressed)."""
DELETION = re.compile(r"^    && (find node_modules.* -delete) \\$", re.MULTILINE)
"""What the image's Dockerfile deletes of the packages."""


def package_bytes(folder: Path) -> tuple[int, int]:
    """Return the bytes of the functions' zip, and unpacked.

    Args:
        folder: An empty one to make it in.
    """
    made = build_package(REPOSITORY, folder)
    return made.path.stat().st_size, made.unzipped_bytes


def image_layers(folder: Path) -> Mapping[str, int]:
    """Return the compressed bytes of the image's layers.

    Each is packed here as Docker packs it; the base's are published.

    Args:
        folder: One to make them in.
    """
    node_red = REPOSITORY / "tasks" / "node-red"
    return {
        "Node.js on Debian slim (published)": BASE_BYTES,
        "Node-RED, hls.js and other packages": _compressed(_installed(folder, node_red)),
        "FFmpeg": _compressed([Path(imageio_ffmpeg.get_ffmpeg_exe())]),
        "settings, supervisor, media nodes": _compressed(
            path for path in node_red.rglob("*") if _is_ours(path.relative_to(node_red))
        ),
    }


def _installed(folder: Path, node_red: Path) -> Iterable[Path]:
    """Return the packages as installed here, without what the image's Dockerfile deletes of them."""
    shutil.copytree(toolchain.NODE_RED_FOLDER / "node_modules", folder / "node_modules", symlinks=True)
    for command in DELETION.findall((node_red / "Dockerfile").read_text()):
        subprocess.run(["/bin/sh", "-c", command], cwd=folder, check=True)
    return (folder / "node_modules").rglob("*")


def _is_ours(path: Path) -> bool:
    return path.parts[0] in ("media-nodes", "machine-nodes") or (
        len(path.parts) == 1 and path.suffix == ".js"
    )


def _compressed(paths: Iterable[Path]) -> int:
    counted = _Counted()
    with tarfile.open(fileobj=counted, mode="w|gz") as layer:
        for path in paths:
            if path.is_file():
                layer.add(path, recursive=False)
    return counted.count


class _Counted(io.RawIOBase):
    """Takes what is written and keeps how much it was."""

    count = 0

    def write(self, data: "ReadableBuffer") -> int:
        size = memoryview(data).nbytes
        self.count += size
        return size
