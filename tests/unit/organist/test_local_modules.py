"""Whether a local production comes to start dynamorse's Node-RED, which is installed only then."""

import json
from typing import Any

import pytest

from organist.local.local_modules import starts_dynamorse
from organist.repository import REPOSITORY

URL = "https://modules.example/"
WITH_URLS = [
    {"name": f"node-red-contrib-dynamorse-{name}", "url": f"{URL}{name}.tgz"} for name in ("core", "mix")
]


def document(modules: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REPOSITORY / "step_functions" / "dynamicInput.json").read_text())
    for machine in found.values():
        machine["modules"] = modules or machine["modules"]
    return found


@pytest.mark.parametrize(
    ("modules", "source", "expected"),
    [
        ([], "", False),
        ([], URL, True),
        (["core", "http-io"], "", True),
        (["core", *WITH_URLS], "", True),
        (["core", "file-io", *WITH_URLS], "", False),
    ],
)
def test_dynamorse_is_started_when_every_module_may_have_a_source(
    modules: list[Any], source: str, expected: bool
) -> None:
    assert starts_dynamorse(document(modules), source) is expected


def test_media_never_starts_it() -> None:
    media = json.loads((REPOSITORY / "step_functions" / "mediaInput.json").read_text())
    assert not starts_dynamorse(media, URL)
