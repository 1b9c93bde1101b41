"""installNodeREDModule: one module on one machine, as Node-RED reports it once it really runs."""

from typing import Any

from lambdas.modules.catalogue import Source, find_entry
from lambdas.node_red.access import open_node_red
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import (
    ModuleInstallFailed,
    ModuleNotInImage,
    ModuleVersionConflict,
    NodeREDUnreachable,
)
from lambdas.production.events import InstallEvent
from lambdas.runtime import polling
from lambdas.runtime.entry import Result, entry_point, require
from lambdas.runtime.polling import poll
from lambdas.runtime.settings import NodeRedSettings


@entry_point
def handler(event: InstallEvent) -> Result:
    """Install a module, as soon as Node-RED answers.

    Args:
        event: ``{"instanceName", "privateAddress", "moduleName"}`` and, if known, ``version`` and ``url``, an
            npm tarball's. A module that comes with the image is there already.

    Raises:
        NodeREDUnreachable, ModuleUnknown, ModuleInstallFailed, ModuleNotAllowed, ModuleInstallUnfinished,
        ModuleNotInImage: As
            ``node_red.errors`` says.
    """
    require(event, ["instanceName", "privateAddress", "moduleName"])
    settings = NodeRedSettings.from_env()
    node_red = open_node_red(event, settings)
    return poll(lambda: install_module(event, node_red), NodeREDUnreachable, polling.NODE_RED_START)


def install_module(event: InstallEvent, node_red: NodeRed) -> Result:
    """Return the module that the event asks for as Node-RED has it; install it first if it is not there."""
    name, version = event["moduleName"], event.get("version")
    module = node_red.module(name) or _install(event, node_red) or node_red.module(name)
    if module is None:
        raise ModuleInstallFailed(f"Node-RED says that {name} is there but does not list it.")
    _check(module, name, version)
    types = sorted(node_type for node_set in module["nodes"] for node_type in node_set["types"])
    return {
        "instanceName": event["instanceName"],
        "moduleName": name,
        "version": module["version"],
        "nodeTypes": types,
    }


def _install(event: InstallEvent, node_red: NodeRed) -> dict[str, Any] | None:
    name, url = event["moduleName"], event.get("url")
    entry = find_entry(name)
    if url is None and entry is not None and entry.source is Source.IMAGE:
        raise ModuleNotInImage(f"{name} comes with the image, and Node-RED does not list it.")
    return node_red.install(name, event.get("version"), url)


def _check(module: dict[str, Any], name: str, version: str | None) -> None:
    # Node-RED answers 200 also when the new version waits for a restart and when nothing could be loaded.
    if module.get("pending_version") or (version and module["version"] != version):
        there = module["version"]
        raise ModuleVersionConflict(f"{name} {there} is loaded; expected {version or 'one version'}.")
    faults = [
        f"{node_set['name']}: {_fault(node_set)}" for node_set in module["nodes"] if node_set.get("err")
    ]
    if faults:
        raise ModuleInstallFailed(f"{name} was installed but does not load: {'; '.join(faults)}.")
    if not any(node_set["types"] for node_set in module["nodes"]):
        raise ModuleInstallFailed(f"{name} was installed but has no node types.")


def _fault(node_set: dict[str, Any]) -> str:
    # Node-RED gives a text, or the JavaScript error as an object whose code says most.
    err = node_set["err"]
    return str(err.get("message") or err.get("code") or err) if isinstance(err, dict) else str(err)
