"""Where a local production's dynamorse modules come from: a folder of tarballs, or somebody's registry."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lambdas.engines.dynamorse_modules import locate_modules
from lambdas.modules.catalogue import Engine
from lambdas.modules.errors import ModuleNotAvailable
from lambdas.modules.source import Nowhere
from organist.command_errors import CommandError
from organist.input_file import preview

URLS = ("http://", "https://")


class ModuleSourceError(CommandError):
    """What the option names is neither a folder nor an http(s) URL."""


def check_module_source(source: str) -> None:
    """Raise ``ModuleSourceError`` if an option's value is no source."""
    if source and not source.startswith(URLS) and not Path(source).is_dir():
        raise ModuleSourceError(
            f'--module-source is "{source}"; expected a folder with npm tarballs, or a registry\'s URL, '
            "https://…. Nothing was started."
        )


def starts_dynamorse(document: dict[str, Any], source: str) -> bool:
    """Return whether a good document's production comes to start Node-RED 1.3.7.

    One whose modules have no source ends before that, so that nothing needs to be installed for it.
    """
    production = preview(document)
    if production["engine"] != Engine.DYNAMORSE:
        return False
    try:
        locate_modules([item for machine in production["machines"] for item in machine["modules"]], Nowhere())
    except ModuleNotAvailable:
        return bool(source)
    return True


@contextmanager
def module_source_url(source: str) -> Iterator[str]:
    """Yield the URL of a registry for a source; a folder is served as one while the context lasts."""
    if not source or source.startswith(URLS):
        yield source
        return
    from local_cloud.npm_registry import serve_modules  # noqa: PLC0415 - loaded when it is needed

    with serve_modules(Path(source)) as url:
        yield url
