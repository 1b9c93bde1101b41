"""Zips whose bytes depend on their contents alone."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

OLDEST_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can name
_UNIX = 3  # or a zip from Windows would differ


def write_zip(path: Path, contents: Mapping[PurePosixPath, bytes]) -> None:
    """Write a zip: sorted, one fixed time, fixed permissions; never half of it at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(str(name), OLDEST_TIME)
            entry.create_system = _UNIX
            # Lambda runs as another user than the owner: everybody may read.
            entry.external_attr = (0o100755 if name.suffix in (".so", ".sh") else 0o100644) << 16
            archive.writestr(entry, contents[name], zipfile.ZIP_DEFLATED, compresslevel=9)
    unfinished.replace(path)
