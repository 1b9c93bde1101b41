"""Writes ``step_functions/dynamicNTS.json``, the state machine that is deployed, from its source in YAML.

``make state-machine`` runs it. The source, ``dynamicNTS.asl.yaml``, is the same Amazon States Language; with
YAML's anchors each retry policy stands once, named. A person can paste what is written into the console.
"""

import json
from typing import Any

import yaml

from tools.page_tables import REPOSITORY

SOURCE = REPOSITORY / "step_functions" / "dynamicNTS.asl.yaml"
WRITTEN = SOURCE.with_name("dynamicNTS.json")
LONGEST_LINE = 180  # so that most retry policies stand on one


def source() -> dict[str, Any]:
    """Return the source: ``RetryPolicies`` by name, and the ``StateMachine`` that uses them."""
    read: dict[str, Any] = yaml.safe_load(SOURCE.read_text())
    return read


def definition() -> str:
    """Return the state machine in JSON, as it is written."""
    return _json(source()["StateMachine"], "", 0) + "\n"


def _json(value: Any, margin: str, before: int) -> str:
    """Return a value on one line where it fits, else a line an item.

    Args:
        value: What to write.
        margin: Where its last line begins.
        before: How many characters stand before it on its first line.
    """
    short = json.dumps(value)
    if not isinstance(value, dict | list) or before + len(short) < LONGEST_LINE:
        return short
    inner = f"{margin}  "
    names = [f"{json.dumps(name)}: " for name in value] if isinstance(value, dict) else [""] * len(value)
    items = value.values() if isinstance(value, dict) else value
    lines = [
        f"{inner}{name}{_json(item, inner, len(inner + name))}"
        for name, item in zip(names, items, strict=True)
    ]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n" + ",\n".join(lines) + f"\n{margin}{last}"


if __name__ == "__main__":
    WRITTEN.write_text(definition())
