"""A model of Logstash's filter stage, not Logstash: it runs the pipeline's own file on recorded documents.

It knows the few plugins and options that our files use, as their documentation tells what they do, and
refuses everything else rather than passing over it. What Logstash itself makes of the files, only Logstash
can show: docs/monitoring.md has the commands.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from logstash_pipeline_parser import Pipeline

Event = dict[str, Any]
Tree = list[Any]

_REFERENCE = re.compile(r"\[([^\[\]]+)\]")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: bool(left < right),
    "=~": lambda left, right: re.search(right, left) is not None,
}


class NotModelledError(Exception):
    """The file uses something that the model does not know."""


def run_filter(file: Path, received: Event) -> Event:
    """Return the event as it leaves the filter of a pipeline's file, without what Logstash keeps itself."""
    event = deepcopy(received)
    for section, plugins in _parsed(file.read_text()):
        if section == "filter":
            _run(plugins, event)
    event.pop("@metadata", None)
    return event


@cache
def _parsed(text: str) -> Tree:
    parsed: Tree = Pipeline(text).parse()
    return parsed


def by_http(document: Any, received: str, address: str, path: str) -> Event:
    """Return the event that the http input makes of a document, with the names of ECS v8.

    https://www.elastic.co/docs/reference/logstash/plugins/plugins-inputs-http
    """
    return {
        **document,
        "@timestamp": received,
        "@version": "1",
        "host": {"ip": address},
        "http": {"method": "PUT", "version": "HTTP/1.1", "request": {"mime_type": "application/json"}},
        "url": {"path": path, "domain": "10.0.0.9", "port": 8765},
        "user_agent": {"original": "node"},
        "event": {"original": "…"},
    }


def get(event: Event, reference: str) -> Any:
    """Return what a field reference leads to, None if there is nothing."""
    value: Any = event
    for name in _names(reference):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _names(reference: str) -> list[str]:
    return _REFERENCE.findall(reference) or [reference]


def _set(event: Event, reference: str, value: Any) -> None:
    *above, last = _names(reference)
    for name in above:
        event = event.setdefault(name, {})
    event[last] = value


def _remove(event: Event, reference: str) -> Any:
    *above, last = _names(reference)
    parent = get(event, "".join(f"[{name}]" for name in above)) if above else event
    return parent.pop(last, None) if isinstance(parent, dict) else None


def _run(plugins: Tree, event: Event) -> None:
    decided = False
    for name, content in plugins:
        if name in ("if", "else if", "else"):
            decided = False if name == "if" else decided
            # A branch is [*condition, [plugins]]; else has plugins alone.
            condition, branch = (None, content) if name == "else" else (content[:-1], content[-1][0])
            if not decided and (condition is None or _holds(condition, event)):
                decided = True
                _run(branch, event)
        elif name in _PLUGINS:
            _PLUGINS[name]({option: value[0] for option, value in content}, event)
        else:
            raise NotModelledError(f"the filter {name}")


def _holds(condition: Tree, event: Event) -> bool:
    results = [_judge(part, event) for part in condition if isinstance(part, list)]
    if all(isinstance(part, list) or part == "and" for part in condition):
        return all(results)
    return _judge(condition, event)


def _judge(part: Tree, event: Event) -> bool:
    if len(part) == 1:
        return get(event, part[0]) not in (None, False)
    reference, operator, wanted = part
    if operator not in _COMPARE:
        raise NotModelledError(f"the operator {operator}")
    value = get(event, reference)
    return value is not None and _COMPARE[operator](value, wanted)


def _mutate(options: dict[str, Any], event: Event) -> None:
    """Rename first; what every filter can do comes after its own work."""
    _check("mutate", options, {"rename", "add_field", "remove_field", "add_tag"})
    for source, target in _pairs(options.get("rename", [])):
        if get(event, source) is not None:
            _set(event, target, _remove(event, source))
    for reference, value in _pairs(options.get("add_field", [])):
        _set(event, reference, re.sub(r"%\{([^}]+)\}", lambda found: str(get(event, found[1])), value))
    for reference in options.get("remove_field", []):
        _remove(event, reference)
    for tag in options.get("add_tag", []):
        event.setdefault("tags", []).append(tag)


def _date(options: dict[str, Any], event: Event) -> None:
    _check("date", options, {"match", "target"})
    source, format_ = options["match"]
    if format_ != "ISO8601":
        raise NotModelledError(f"the date format {format_}")
    try:
        datetime.fromisoformat(get(event, source))
    except (TypeError, ValueError):
        event.setdefault("tags", []).append("_dateparsefailure")
        return
    _set(event, options["target"], get(event, source))


def _check(name: str, options: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(options) - known:
        raise NotModelledError(f"{name} with {', '.join(sorted(unknown))}")


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    for key, (target,) in value:
        yield key, target


_PLUGINS: Mapping[str, Callable[[dict[str, Any], Event], None]] = {"mutate": _mutate, "date": _date}
