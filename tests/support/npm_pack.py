"""npm packages made on the spot: packed by npm itself."""

import json
import os
import subprocess
from pathlib import Path

from local_cloud import toolchain


def pack_module(source: Path, target_dir: Path) -> Path:
    """Pack an npm package below ``target_dir``; return the archive's path."""
    target_dir.mkdir(parents=True, exist_ok=True)
    npm = [str(toolchain.node()), str(toolchain.npm_script()), "pack", "--json", "--ignore-scripts"]
    packed = subprocess.run(
        [*npm, "--pack-destination", str(target_dir), str(source)],
        cwd=target_dir,
        env=os.environ | {"npm_config_update_notifier": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    return target_dir / str(json.loads(packed.stdout)[0]["filename"])
