"""The source of the Node-RED image, as CodeBuild gets it: one zip, the same bytes each time."""

import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from organist.command_errors import CommandError
from organist.deploy.package.reproducible_zip import write_zip

IGNORE_FILE = ".dockerignore"
_ALWAYS = ("Dockerfile", IGNORE_FILE)
_LET_IN, _SHUT_OUT = "!", "**/"


class ImageSourceError(CommandError):
    """The image's folder is not as its .dockerignore says."""


def zip_image_source(folder: Path) -> bytes:
    """Return the zip of what the image is built from: the Dockerfile and what .dockerignore lets in.

    Raises:
        ImageSourceError: .dockerignore does not begin by shutting everything out with ``*``: then the image
            could not be rebuilt from its source's hash alone.
    """
    let_in, shut_out = _rules(folder)
    contents = {
        PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes()
        for path in _files(folder, [*_ALWAYS, *let_in])
        if not shut_out & set(path.relative_to(folder).parts)
    }
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "source.zip"
        write_zip(target, contents)
        return target.read_bytes()


def _rules(folder: Path) -> tuple[list[str], set[str]]:
    """What is let in, by its path, and what of it is shut out again wherever it is, by its name."""
    lines = [line.strip() for line in (folder / IGNORE_FILE).read_text().splitlines()]
    first, *rules = [line for line in lines if line and not line.startswith("#")] or [""]
    let_in = [rule.removeprefix(_LET_IN) for rule in rules if rule.startswith(_LET_IN)]
    shut_out = [rule.removeprefix(_SHUT_OUT) for rule in rules if rule.startswith(_SHUT_OUT)]
    # Docker goes by the last rule that fits, so what is shut out comes last.
    in_order = [_LET_IN + path for path in let_in] + [_SHUT_OUT + name for name in shut_out]
    if first != "*" or rules != in_order:
        raise ImageSourceError(
            f'{folder / IGNORE_FILE} must be "*", then lines such as "!a.js", then such as "**/.cache".'
        )
    return let_in, set(shut_out)


def _files(folder: Path, names: list[str]) -> Iterator[Path]:
    for name in names:
        path = folder / name
        if path.is_dir():
            yield from (below for below in path.rglob("*") if below.is_file())
        elif path.is_file():
            yield path
        else:
            raise ImageSourceError(f"{path} is not there; {IGNORE_FILE} and the Dockerfile want it.")
