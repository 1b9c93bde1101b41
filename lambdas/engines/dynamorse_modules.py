"""The modules of a dynamorse machine: which ones, and where each comes from."""

from collections.abc import Sequence
from dataclasses import replace

from lambdas.modules.catalogue import Module, Source, find_entry, resolve_module
from lambdas.modules.errors import ModuleNotAvailable
from lambdas.modules.source import ModuleSource
from lambdas.production.model import ENCODER, MIXER

NPM = "npm"
# What the flows of each machine need, when the input names no modules.
NEEDED: dict[str, list[str | dict[str, str]]] = {
    MIXER: ["core", "http-io", "ffmpeg", "file-io", "transition"],
    ENCODER: ["core", "http-io", "ffmpeg", "file-io"],
}


def locate_modules(asked: Sequence[str | dict[str, str]], source: ModuleSource) -> list[Module]:
    """Return the modules with version and, where npm is not their source, URL.

    The input's own URL comes first, then the deployment's source, then npm, if the catalogue says that it has
    the module.

    Raises:
        ModuleNotAvailable: Names every module which has no source.
    """
    located = [_locate(resolve_module(item), source) for item in asked]
    missing = [module.name for module, there in located if not there]
    if missing:
        raise ModuleNotAvailable(list(dict.fromkeys(missing)), [str(source), NPM])
    return [module for module, _ in located]


def _locate(module: Module, source: ModuleSource) -> tuple[Module, bool]:
    if module.url:
        return module, True
    tarball = source.find(module.name, module.version)
    if tarball is not None:
        return replace(module, version=tarball.version, url=tarball.url), True
    entry = find_entry(module.name)
    return module, entry is None or entry.source is not Source.NONE
