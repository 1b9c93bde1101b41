"""The source of the Node-RED image, as CodeBuild gets it: one zip, the same bytes each time."""

import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from organist.command_errors import CommandError
from organist.deploy.package.reproducible_zip import write_zip

IGNORE_FILE = ".dockerignore"
_ALWAYS = ("Dockerfile", IGNORE_FILE)


class ImageSourceError(CommandError):
    """The image's folder is not as its .dockerignore says."""


def zip_image_source(folder: Path) -> bytes:
    """Return the zip of what the image is built from: the Dockerfile and what .dockerignore lets in.

    Raises:
        ImageSourceError: .dockerignore does not begin by shutting everything out with ``*``: then the image
            could not be rebuilt from its source's hash alone.
    """
    contents = {
        PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes()
        for path in _files(folder, [*_ALWAYS, *_let_in(folder)])
    }
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "source.zip"
        write_zip(target, contents)
        return target.read_bytes()


def _let_in(folder: Path) -> list[str]:
    lines = [line.strip() for line in (folder / IGNORE_FILE).read_text().splitlines()]
    rules = [line for line in lines if line and not line.startswith("#")]
    if not rules or rules[0] != "*" or not all(rule.startswith("!") for rule in rules[1:]):
        raise ImageSourceError(f'{folder / IGNORE_FILE} must be "*" and then lines such as "!settings.js".')
    return [rule.removeprefix("!") for rule in rules[1:]]


def _files(folder: Path, names: list[str]) -> Iterator[Path]:
    for name in names:
        path = folder / name
        if path.is_dir():
            yield from (below for below in path.rglob("*") if below.is_file())
        elif path.is_file():
            yield path
        else:
            raise ImageSourceError(f"{path} is not there; {IGNORE_FILE} and the Dockerfile want it.")
