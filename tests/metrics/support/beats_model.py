"""A model of how Beats reads its configuration: a variable is put in, then the text is read once more.

So a value may become a number, a truth or a list, whatever quotes YAML had around it; only quotes within
the text keep it text (https://github.com/elastic/beats/issues/13807). By the documentation, and by what
go-ucfg is seen to do, which reads it:
https://www.elastic.co/docs/reference/beats/metricbeat/using-environ-vars
"""

import re
from collections.abc import Mapping
from typing import Any

VARIABLE = re.compile(r"\$\{(\w+)(?::([^}]*))?\}")
TRUE = {"t", "T", "true", "TRUE", "True", "on", "ON"}
FALSE = {"f", "F", "false", "FALSE", "False", "off", "OFF"}
INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][0-9]*|0)")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NO_FINITE = re.compile(r"[+-]?(inf|infinity)|nan", re.IGNORECASE)


class NotModelledError(Exception):
    """The configuration has something that the model does not know."""


def configuration(read: Any, environment: Mapping[str, str]) -> Any:
    """Return a configuration, as YAML reads it, with its variables; names with dots are levels."""
    if isinstance(read, dict):
        result: dict[str, Any] = {}
        for name, part in read.items():
            *above, last = str(name).split(".")
            level = result
            for step in above:
                level = level.setdefault(step, {})
            level[last] = configuration(part, environment)
        return result
    if isinstance(read, list):
        return [configuration(part, environment) for part in read]
    if isinstance(read, str) and VARIABLE.search(read):
        return value(VARIABLE.sub(lambda found: environment.get(found[1]) or found[2] or "", read))
    return read


def value(text: str) -> Any:
    """Return what a text is, once its variables are in it."""
    text = text.strip()
    if text[:1] in ("'", '"'):
        if len(text) < 2 or text[-1] != text[0] or text[0] in text[1:-1] or "\\" in text:
            raise NotModelledError(text)
        return text[1:-1]
    if text.startswith("["):
        raise NotModelledError(text)
    parts = [_primitive(part.strip()) for part in text.split(",")]
    return parts[0] if len(parts) == 1 else parts


def _primitive(text: str) -> Any:
    if text in ("", "null"):
        return None
    if text in TRUE | FALSE:
        return text in TRUE
    if INTEGER.fullmatch(text):
        # A zero in front is octal, as in Go; Python wants an o.
        return int(re.sub(r"^([+-]?0)(?=[0-7])", r"\1o", text), 0)
    if DECIMAL.fullmatch(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return float(text) if NO_FINITE.fullmatch(text) else text
