"""Bringing a production's pictures from its machines into a folder of the person's."""

import re
import shutil
from pathlib import Path

SPOOL = "spool"  # what was on its way to S3, which is complete by now, or nobody can complete it here
_HLS_PART = re.compile(r"live-\d+\.m4s|init-\d+\.mp4")


def collect(media_dir: Path, target: Path) -> list[Path]:
    """Move what a machine made into a folder; return the files, without the parts of HLS, sorted by name.

    Args:
        media_dir: The machine's media folder, which need not exist.
        target: The folder, made if needed.
    """
    if not media_dir.is_dir():
        return []
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(media_dir.iterdir()):
        there = target / entry.name
        if there.is_dir():
            shutil.rmtree(there)
        shutil.move(entry, there)
    shutil.rmtree(target / SPOOL, ignore_errors=True)
    return sorted(path for path in target.rglob("*") if path.is_file() and not _HLS_PART.fullmatch(path.name))
