"""Where a machine's editor and pictures are, for a person."""

from collections.abc import Mapping
from typing import Any

NODE_RED_PORT = 1880
PICTURES_PORT = 8080


def address(machine: Mapping[str, Any]) -> str:
    """Give the address that a person reaches: the public one where there is one.

    Parameters: ``machine`` as ``showInstances`` gives it.
    """
    return str(machine.get("publicAddress") or machine.get("privateAddress") or "no-address-yet")


def editor_url(machine: Mapping[str, Any]) -> str:
    """Give the address of Node-RED's editor."""
    return f"http://{address(machine)}:{NODE_RED_PORT}/"


def pictures_url(machine: Mapping[str, Any]) -> str:
    """Give the address of the page on which an encoder's pictures can be watched."""
    return f"http://{address(machine)}:{PICTURES_PORT}/"
