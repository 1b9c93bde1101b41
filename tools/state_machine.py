"""Writes ``step_functions/dynamicNTS.json``, the state machine that is deployed, from its source in YAML.

``make state-machine`` runs it. The source, ``dynamicNTS.asl.yaml``, is the same Amazon States Language; with
YAML's anchors each retry policy stands once, named. A person can paste what is written into the console.
"""

from typing import Any

import yaml

from tools.json_text import json_text
from tools.page_tables import REPOSITORY

SOURCE = REPOSITORY / "step_functions" / "dynamicNTS.asl.yaml"
WRITTEN = SOURCE.with_name("dynamicNTS.json")


def source() -> dict[str, Any]:
    """Return the source: ``RetryPolicies`` by name, and the ``StateMachine`` that uses them."""
    read: dict[str, Any] = yaml.safe_load(SOURCE.read_text())
    return read


def definition() -> str:
    """Return the state machine in JSON, as it is written."""
    return json_text(source()["StateMachine"]) + "\n"


if __name__ == "__main__":
    WRITTEN.write_text(definition())
