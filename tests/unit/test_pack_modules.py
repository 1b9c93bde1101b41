"""Packing a Node-RED module as npm would, the same bytes each time."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from local_cloud.paths import REPOSITORY
from organist.deploy.package.pack_modules import ModuleNotPackableError, own_modules, pack_module


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small module with everything that must not be packed."""
    folder = tmp_path / "module"
    for name in ("nodes/a.js", "nodes/icons/a.svg", "node_modules/x/i.js", "test/a.test.js", "notes.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    write_manifest(folder, files=["nodes", "lib/*.js"])
    (folder / "lib").mkdir()
    (folder / "lib" / "b.js").write_text("b")
    (folder / "README.md").write_text("read")
    (folder / "package-lock.json").write_text("{}")
    return folder


def write_manifest(folder: Path, **more: object) -> None:
    """Write a package.json."""
    (folder / "package.json").write_text(json.dumps({"name": "a-module", "version": "1.2.3", **more}))


def names(archive: Path) -> list[str]:
    """What is in an archive, in its order."""
    with tarfile.open(archive) as tar:
        return tar.getnames()


def test_what_files_names_is_packed_below_package(source: Path, tmp_path: Path) -> None:
    archive = pack_module(source, tmp_path / "to" / "here")
    assert archive == tmp_path / "to" / "here" / "a-module-1.2.3.tgz"
    assert names(archive) == [
        "package/README.md",
        "package/lib/b.js",
        "package/nodes/a.js",
        "package/nodes/icons/a.svg",
        "package/package.json",
    ]
    assert list(archive.parent.iterdir()) == [archive], "nothing unfinished is left beside it"


def test_without_files_everything_but_modules_and_tests_is_packed(source: Path, tmp_path: Path) -> None:
    write_manifest(source)
    packed = names(pack_module(source, tmp_path))
    assert "package/notes.txt" in packed
    assert not [name for name in packed if "node_modules" in name or "test" in name or "lock" in name]


def test_the_bytes_depend_on_the_contents_alone(source: Path, tmp_path: Path) -> None:
    first = pack_module(source, tmp_path / "1").read_bytes()
    for path in source.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    (source / "nodes" / "a.js").chmod(0o600)
    assert pack_module(source, tmp_path / "2").read_bytes() == first
    (source / "nodes" / "a.js").write_text("changed")
    assert pack_module(source, tmp_path / "3").read_bytes() != first


def test_a_program_stays_one(source: Path, tmp_path: Path) -> None:
    (source / "nodes" / "a.js").chmod(0o744)
    with tarfile.open(pack_module(source, tmp_path)) as tar:
        modes = {entry.name: entry.mode for entry in tar}
    assert modes["package/nodes/a.js"] == 0o755
    assert modes["package/package.json"] == 0o644


def test_a_scoped_name_becomes_a_plain_file_name(source: Path, tmp_path: Path) -> None:
    write_manifest(source, name="@scope/part", files=["nodes"])
    assert pack_module(source, tmp_path).name == "scope-part-1.2.3.tgz"


def test_an_older_archive_is_replaced(source: Path, tmp_path: Path) -> None:
    old = tmp_path / "a-module-1.2.3.tgz"
    old.write_text("old")
    assert pack_module(source, tmp_path) == old
    assert len(names(old)) == 5


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "has no package.json"),
        ("{", "is not JSON"),
        ('{"name": "a"}', 'has no "version"'),
        ('{"version": "1.0.0"}', 'has no "name"'),
        ('{"name": "a", "version": "1.0.0", "files": ["missing"]}', 'names "missing" in "files"'),
    ],
)
def test_what_cannot_be_packed_is_told(tmp_path: Path, manifest: str | None, message: str) -> None:
    if manifest is not None:
        (tmp_path / "package.json").write_text(manifest)
    with pytest.raises(ModuleNotPackableError, match=message):
        pack_module(tmp_path, tmp_path / "out")


def test_only_node_red_modules_of_the_repository_are_its_own() -> None:
    assert [folder.name for folder in own_modules(REPOSITORY)] == ["media-nodes"]
