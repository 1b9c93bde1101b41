"""dynamorse's stand-ins, packed and served; and the Node-RED in which dynamorse works."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local_cloud import toolchain
from local_cloud.ecs.images import ContainerHost, node_red_dynamorse
from local_cloud.npm_registry import serve_modules
from tests.end_to_end.conftest import BIN, Commands
from tests.node_red.running import RunningNodeRed, run_node_red
from tests.support.npm_pack import pack_module

ADDRESS = "127.0.0.78"
STAND_INS = Path(__file__).parent / "stand_ins"
MODULES = "ORGANIST_DYNAMORSE_MODULES"
"""Names a folder of tarballs, the real modules for one, in place of the stand-ins."""
PREFIX = "node-red-contrib-dynamorse-"
ALLOWED = [
    f"{PREFIX}{name}"
    for name in ("core", "http-io", "ffmpeg", "file-io", "transition", "broken", "slow", "native")
]


def skip_where_node_12_is_not_to_be_had() -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("npm has Node.js 12 for Linux on x86_64 only")


def pack_stand_ins(folder: Path, **versions: str) -> Path:
    """Pack the stand-ins into a folder, each with FFmpeg's place, and those named in other versions."""
    folder.mkdir(exist_ok=True)
    for module in sorted(STAND_INS.iterdir()):
        copied = folder / "unpacked" / module.name
        shutil.copytree(module, copied, ignore=shutil.ignore_patterns("node_modules"))
        manifest = json.loads((copied / "package.json").read_text())
        manifest["version"] = versions.get(module.name.replace("-", "_"), manifest["version"])
        (copied / "package.json").write_text(json.dumps(manifest))
        (copied / "ffmpeg-path.json").write_text(json.dumps(str(toolchain.ffmpeg())))
        pack_module(copied, folder)
    return folder


@pytest.fixture(scope="session")
def tarballs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with dynamorse's modules as npm packs them: whoever has the real ones names it."""
    if MODULES in os.environ:
        return Path(os.environ[MODULES]).resolve()
    return pack_stand_ins(tmp_path_factory.mktemp("modules"))


@pytest.fixture(scope="session")
def grains(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two sources: a red and a blue one."""
    folder = tmp_path_factory.mktemp("sources")
    videos = []
    for colour in ("red", "blue"):
        videos.append(folder / f"{colour}.mp4")
        source = f"color={colour}:size=848x480:rate=25:duration=0.4"
        command = [str(toolchain.ffmpeg()), "-loglevel", "error", "-f", "lavfi", "-i", source]
        subprocess.run([*command, str(videos[-1])], check=True, timeout=60)
    size = ["--width", "848", "--height", "480"]
    subprocess.run([BIN / "organist", "grains", *videos, folder / "filled", *size], check=True, timeout=60)
    return folder / "filled"


@pytest.fixture(scope="session")
def registry(tarballs: Path) -> Iterator[str]:
    """The URL of a registry that has them."""
    with serve_modules(tarballs) as url:
        yield url


def as_in_the_local_cloud(address: str, folder: Path) -> Mapping[str, str]:
    """What the local cloud gives a machine with dynamorse's Node-RED beyond its task's environment."""
    host = ContainerHost("mixer", address, folder, toolchain.dynamorse_programs())
    return node_red_dynamorse(host).environment


@pytest.fixture(scope="session")
def node_red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNodeRed]:
    """Node-RED 1.3.7 on Node.js 12, once for all tests."""
    skip_where_node_12_is_not_to_be_had()
    toolchain.install_packages(toolchain.DYNAMORSE_FOLDER)
    user_dir = tmp_path_factory.mktemp("node-red")
    environment = dict(as_in_the_local_cloud(ADDRESS, user_dir))
    environment["NODE_OPTIONS"] += f" --require={Path(__file__).with_name('short_server_timeout.js')}"
    with run_node_red(
        toolchain.DYNAMORSE_FOLDER,
        toolchain.dynamorse_programs(),
        address=ADDRESS,
        allowed=",".join(ALLOWED),
        user_dir=user_dir,
        more=environment,
    ) as running:
        yield running


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """The organist command; what a failing test leaves of it is ended."""
    skip_where_node_12_is_not_to_be_had()
    made = Commands(tmp_path)
    yield made
    made.end()
