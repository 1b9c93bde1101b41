"""A value of the input as a refusal may quote it: refusals go to logs and into the execution's history."""

import json
import re

HIDDEN = "***"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LONGEST = 80  # a terminal's line


def quote(value: object) -> str:
    """Return a value in one line, without what stands in a URL to prove who one is.

    Plain values and lists of them are JSON. An object is told by its properties' names, and a list that holds
    objects or lists by its length, so that nothing that stands deeper is quoted.
    """
    text = _in_words(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return f"an object of {', '.join(map(hide_secrets, value))}" if value else "an empty object"
    if not isinstance(value, list):
        return _json(value)
    if any(isinstance(item, dict | list) for item in value):
        return f"a list of {len(value)} item{'' if len(value) == 1 else 's'}"
    return f"[{', '.join(map(_json, value))}]"


def _json(value: object) -> str:
    return json.dumps(hide_secrets(value) if isinstance(value, str) else value, ensure_ascii=False)


def hide_secrets(text: str) -> str:
    """Return a text without a URL's user, up to the last ``@``, and without its query, from the first ``?``.

    Passwords have been seen with ``@``, ``/`` and ``?`` in them, and URLs without their scheme.
    """
    found = _SCHEME.match(text)
    scheme = found[0] if found else ""
    user, at, place = text[len(scheme) :].rpartition("@")
    if "?" in user:
        return f"{scheme}{HIDDEN}"  # the @ may be of the user or of the query
    path, mark, _ = place.partition("?")
    shown_user = HIDDEN if user else ""
    return f"{scheme}{shown_user}{at}{path}{f'{mark}{HIDDEN}' if mark else ''}"
