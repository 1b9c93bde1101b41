"""Packs a Node-RED module of this repository as npm would, byte for byte the same each time."""

import gzip
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

_ALWAYS = ("package.json", "README.md", "LICENSE")
_NEVER = frozenset({"node_modules", "test", "tests", ".git", "package-lock.json"})
_TIME = 499162500  # npm's own choice for every file: 26 October 1985


class ModuleNotPackableError(Exception):
    """The folder is no npm package, or a file that it names is missing."""


def own_modules(repository: Path) -> list[Path]:
    """Return the folders of the repository's own Node-RED modules, below tasks/node-red."""
    manifests = sorted((repository / "tasks" / "node-red").glob("*/package.json"))
    return [path.parent for path in manifests if "node-red" in _manifest(path.parent)]


def pack_own_modules(repository: Path, target_dir: Path) -> Path:
    """Pack the repository's own Node-RED modules into ``target_dir``; return that folder."""
    for module in own_modules(repository):
        pack_module(module, target_dir)
    return target_dir


def pack_module(source: Path, target_dir: Path) -> Path:
    """Pack an npm package into ``<name>-<version>.tgz`` below ``target_dir`` and return the archive's path.

    Only what package.json's "files" names is packed (everything, when it names nothing), with package.json,
    README.md and LICENSE; never node_modules or tests. The archive of ``@scope/name`` is ``scope-name-…``.

    Raises ``ModuleNotPackableError``.
    """
    manifest = _manifest(source)
    archive = target_dir / f"{manifest['name'].lstrip('@').replace('/', '-')}-{manifest['version']}.tgz"
    contents = io.BytesIO()
    # No name and no time in gzip's header, or two archives would differ in it.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=contents, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path in _files(source, manifest.get("files")):
            _add(tar, source, path)
    target_dir.mkdir(parents=True, exist_ok=True)
    # Written beside it and renamed, so that nobody ever reads half an archive.
    unfinished = archive.with_suffix(f".{os.getpid()}.part")
    unfinished.write_bytes(contents.getvalue())
    return unfinished.replace(archive)


def _manifest(source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((source / "package.json").read_text())
    except FileNotFoundError as error:
        raise ModuleNotPackableError(f"{source} has no package.json.") from error
    except json.JSONDecodeError as error:
        raise ModuleNotPackableError(f"{source}/package.json is not JSON: {error}") from error
    for name in ("name", "version"):
        if not isinstance(manifest.get(name), str):
            raise ModuleNotPackableError(f'{source}/package.json has no "{name}".')
    return dict(manifest)


def _files(source: Path, named: object) -> list[PurePosixPath]:
    patterns = named if isinstance(named, list) else ["*"]
    found = {PurePosixPath(name) for name in _ALWAYS if (source / name).is_file()}
    for pattern in patterns:
        matches = list(source.glob(str(pattern).strip("/")))
        if not matches and pattern not in _ALWAYS:
            raise ModuleNotPackableError(
                f'{source}/package.json names "{pattern}" in "files"; it is not there.'
            )
        for match in matches:
            found.update(_below(source, match))
    return sorted(found)


def _below(source: Path, path: Path) -> Iterator[PurePosixPath]:
    relative = PurePosixPath(path.relative_to(source).as_posix())
    if _NEVER.intersection(relative.parts):
        return
    if path.is_dir():
        for child in path.iterdir():
            yield from _below(source, child)
    elif path.is_file():
        yield relative


def _add(tar: tarfile.TarFile, source: Path, path: PurePosixPath) -> None:
    contents = (source / path).read_bytes()
    entry = tarfile.TarInfo(f"package/{path}")
    entry.size, entry.mtime = len(contents), _TIME
    entry.mode = 0o755 if os.access(source / path, os.X_OK) else 0o644
    tar.addfile(entry, io.BytesIO(contents))
