"""JSONPath as Step Functions reads it: a path that can give one value only gives that value.

moto 5.2.5 gives a list of one for a field right after an index (``$.x[0].y``). The rule of Step Functions
is that of the reference implementation of JSONPath: the result is a list exactly when the path is
indefinite (``..``, ``*``, a slice, several names or indices, a filter).
"""

import functools
import sys
from typing import Any

import moto.stepfunctions.parser.asl.utils.json_path as moto_json_path
from jsonpath_ng import jsonpath
from jsonpath_ng.ext.filter import Filter
from jsonpath_ng.ext.parser import parse

from local_cloud.moto_patches.replacements import Replacements

# The modules that imported extract_json by name and are not yet loaded, should moto load them lazily.
import moto.stepfunctions.parser.models  # noqa: F401  isort: skip

_parse = functools.cache(parse)  # an execution asks for the same few paths again and again
_INDEFINITE = (jsonpath.Descendants, jsonpath.Slice, jsonpath.Wildcard, Filter)


def extract_json(path: str, data: Any) -> Any:
    """The value, or for an indefinite path the list of values, that ``path`` picks from ``data``.

    Raises moto's ``NoSuchJsonPathError`` when a definite path picks nothing.
    """
    expression = _parse(path)
    values = [match.value for match in expression.find(data)]
    if _is_indefinite(expression):
        return values
    if not values:
        raise moto_json_path.NoSuchJsonPathError(json_path=path, data=data)
    return values[0]


def importers() -> list[str]:
    """The modules of moto that hold ``extract_json`` under that name, the one that defines it among them."""
    return sorted(
        name
        for name, module in list(sys.modules.items())
        if name.startswith("moto.stepfunctions") and "extract_json" in vars(module)
    )


def install(replacements: Replacements) -> None:
    """Replace ``extract_json`` wherever moto holds it."""
    for name in importers():
        replacements.replace(sys.modules[name], "extract_json", extract_json)


def _is_indefinite(expression: Any) -> bool:
    if isinstance(expression, _INDEFINITE):
        return True
    if isinstance(expression, jsonpath.Fields):
        return len(expression.fields) > 1 or "*" in expression.fields
    if isinstance(expression, jsonpath.Index):
        return len(expression.indices) > 1
    if isinstance(expression, jsonpath.Child):
        return _is_indefinite(expression.left) or _is_indefinite(expression.right)
    return False
