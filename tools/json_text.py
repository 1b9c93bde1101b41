"""JSON as a person reads it: what fits stands on one line."""

import json
from typing import Any

LONGEST_LINE = 180  # so that most retry policies of the state machine stand on one


def json_text(value: Any, margin: str = "", before: int = 0) -> str:
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
        f"{inner}{name}{json_text(item, inner, len(inner + name))}"
        for name, item in zip(names, items, strict=True)
    ]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n" + ",\n".join(lines) + f"\n{margin}{last}"
