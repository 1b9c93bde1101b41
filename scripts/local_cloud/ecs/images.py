"""What runs here when a task definition names a container image: a small table."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud import toolchain
from local_cloud.processes import system_path


@dataclass(frozen=True)
class ContainerHost:
    """What a container sees of the machine that it runs on."""

    name: str
    address: str
    """Its loopback address, which takes the place of 0.0.0.0."""
    folder: Path
    """Its disk."""
    tools: Path
    """The folder with node, npm and npx."""

    @property
    def data(self) -> Path:
        """What the containers have as /data: their working directory."""
        return self.folder / "data"

    @property
    def media(self) -> Path:
        """Where pictures and video files are left."""
        return self.folder / "media"


@dataclass(frozen=True)
class ContainerCommand:
    """The program in place of an image's entry point, and its environment beyond the task's."""

    entry_point: tuple[str, ...]
    """An absolute path and arguments; a container definition's ``command`` is appended."""
    environment: Mapping[str, str] = field(default_factory=dict)
    health_check: tuple[str, ...] | None = None
    """In place of the container definition's health check command, whose paths are the image's."""


Image = Callable[[ContainerHost], ContainerCommand]
"""Tells for one machine what the image's command is there."""


def find_image(images: Mapping[str, Image], name: str) -> Image | None:
    """The first of the table whose key is part of the image's name; None when there is none."""
    return next((image for key, image in images.items() if key in name), None)


def standard_images() -> dict[str, Image]:
    """The images of the project's own task definitions."""
    return {"node-red-dynamorse": node_red_dynamorse, "node-red": node_red}


def node_red(machine: ContainerHost) -> ContainerCommand:
    """Node-RED with the settings file of the project's image, listening on the machine's address only."""
    machine.media.mkdir(parents=True, exist_ok=True)
    environment = {
        "MEDIA_HOST": machine.address,
        "MEDIA_DIR": str(machine.media),
        "FFMPEG_PATH": str(toolchain.ffmpeg()),
        "ENGINE_DIR": str(machine.folder / "engines"),
    }
    folder = toolchain.NODE_RED_FOLDER
    return _red(machine, toolchain.node(), folder / "supervisor.js", folder, environment)


def node_red_dynamorse(machine: ContainerHost) -> ContainerCommand:
    """The older Node-RED, on the older Node.js, in which dynamorse works."""
    programs = toolchain.dynamorse_programs()
    folder = toolchain.DYNAMORSE_FOLDER
    machine.folder.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": system_path(programs),
        # Of npm 6's own node-gyp Python 3.11 and later understands nothing; and the headers are here already.
        "npm_config_node_gyp": str(toolchain.link_node_gyp(machine.folder)),
        "npm_config_nodedir": str(toolchain.dynamorse_headers()),
        # Its modules listen on every interface; here each machine has an address of its own.
        "NODE_OPTIONS": f"--require={folder / 'laptop' / 'own-address.js'}",
    }
    red = folder / "node_modules" / "node-red" / "red.js"
    return _red(machine, programs / "node", red, folder, environment)


def _red(
    machine: ContainerHost, node: Path, program: Path, folder: Path, environment: Mapping[str, str]
) -> ContainerCommand:
    return ContainerCommand(
        entry_point=(
            *(str(node), str(program)),
            *("--settings", str(folder / "settings.js")),
            *("--userDir", str(machine.data)),
        ),
        environment={"NODE_RED_HOST": machine.address, **way_to_npm(), **environment},
        health_check=(str(node), str(toolchain.NODE_RED_FOLDER / "healthcheck.js")),
    )


def way_to_npm() -> dict[str, str]:
    """How this computer reaches the npm registry: proxies, certificates and npm's own settings."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR")
    found = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in names or name.lower().startswith("npm_config_")
    }
    personal = Path.home() / ".npmrc"
    if personal.exists():
        found.setdefault("npm_config_userconfig", str(personal))
    # All machines share one cache, as machines in a cloud share one fast network.
    found.setdefault("npm_config_cache", str(Path.home() / ".npm"))
    return found


def container_environment(machine: ContainerHost, *layers: Mapping[str, str]) -> dict[str, str]:
    """PATH and HOME, and over them the given layers, a later one winning."""
    environment = {"PATH": system_path(machine.tools), "HOME": str(machine.data)}
    for layer in layers:
        environment |= layer
    return environment
