"""Where a machine's editor and pictures are, for a person."""

from collections.abc import Mapping
from typing import Any

from lambdas.runtime import ports


def reached_at(machine: Mapping[str, Any]) -> str | None:
    """Return the address at which a person reaches a machine: the public one where there is one.

    Args:
        machine: As ``showInstances`` has it.

    Returns:
        The address; None of a machine that does not run, or that EC2 has given none yet.
    """
    if machine["state"] != "running":
        return None
    return machine.get("publicAddress") or machine.get("privateAddress") or None


def editor_url(address: str) -> str:
    """Return the URL of Node-RED's editor."""
    return f"http://{address}:{ports.NODE_RED}/"


def pictures_url(address: str) -> str:
    """Return the URL of the page on which an encoder machine's pictures can be watched."""
    return f"http://{address}:{ports.PICTURES}/"
