"""The programs that the local cloud runs."""

import json
import subprocess
from pathlib import Path

import pytest

from local_cloud import toolchain


def says(*command: str) -> str:
    """What a program prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_node_and_npm_run_by_their_links(tmp_path: Path) -> None:
    toolchain.link_node(tmp_path / "bin")
    toolchain.link_node(tmp_path / "bin")  # again, over its own links
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    for name, major in (("node", "v24."), ("npm", "11."), ("npx", "11.")):
        done = subprocess.run(
            [str(tmp_path / "bin" / name), "--version"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(major)


def test_a_stale_link_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "node").symlink_to("/nowhere")
    toolchain.link_node(tmp_path)
    assert (tmp_path / "node").resolve() == toolchain.node().resolve()


def test_ffmpeg_has_what_the_media_nodes_need() -> None:
    assert "libx264" in says(str(toolchain.ffmpeg()), "-hide_banner", "-encoders")
    assert " srt" in says(str(toolchain.ffmpeg()), "-hide_banner", "-protocols")


def test_ffprobe_is_optional_but_runs_where_it_is() -> None:
    program = toolchain.ffprobe()
    if program is None:
        pytest.skip("there is no ffprobe here")
    assert "ffprobe version" in says(str(program), "-version")


def test_node_red_is_installed_again_only_when_its_lock_changes(tmp_path: Path) -> None:
    def write(version: str) -> None:
        manifest = {"name": "nothing", "version": version}
        lock = {**manifest, "lockfileVersion": 3, "requires": True, "packages": {"": manifest}}
        (tmp_path / "package.json").write_text(json.dumps(manifest))
        (tmp_path / "package-lock.json").write_text(json.dumps(lock))

    write("1.0.0")
    assert toolchain.install_packages(tmp_path) is True
    assert toolchain.install_packages(tmp_path) is False
    write("1.0.1")
    assert toolchain.install_packages(tmp_path) is True


def test_an_install_that_fails_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    with pytest.raises(subprocess.CalledProcessError):
        toolchain.install_packages(tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        toolchain.install_packages(tmp_path)
