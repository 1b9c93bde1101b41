"""Keeping a local cloud's logs once it has ended."""

import shutil
from pathlib import Path

from local_cloud.logs.log_files import log_files


def keep_logs(data_dir: Path, target: Path) -> bool:
    """Move the logs of machines and functions into a folder; return whether there were any.

    Args:
        data_dir: The local cloud's data folder.
        target: The folder, made if needed.
    """
    kept = False
    for name, file in log_files(data_dir):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, target / name)
        kept = True
    return kept
