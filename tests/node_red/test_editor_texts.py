"""The texts of the media nodes in a real editor, as a person sees them in a real browser."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdas.production.secrets import operator_password
from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from tests.node_red.running import INSTANCE, SECRET, run_our_node_red

ADDRESS = "127.0.0.79"
BROWSER = Path(__file__).with_name("editor_forms.mjs")
CHROMIUM = REPOSITORY / "tools" / "screenshots" / "node_modules" / "@sparticuz" / "chromium"
NODES = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "nodes"
LOCALES = NODES / "locales" / "en-US"
TYPES = sorted(path.stem for path in NODES.glob("*.html"))

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() or platform.machine() != "x86_64",
    reason="needs the packages of tools/screenshots, on x86_64",
)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the editor shows of each type, and what went wrong in its pages."""
    user_dir = tmp_path_factory.mktemp("editor")
    with run_our_node_red(ADDRESS, "node-red-contrib-organist-media", user_dir) as running:
        done = subprocess.run(
            [str(toolchain.node()), str(BROWSER), f"http://{ADDRESS}:{running.settings.port}/", *TYPES],
            env=os.environ | {"OPERATOR_PASSWORD": operator_password(SECRET, INSTANCE)},
            capture_output=True,
            text=True,
            check=True,
            timeout=180,
        )
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def texts_of(catalogue: Any) -> Iterator[str]:
    if isinstance(catalogue, str):
        yield catalogue
    else:
        for value in catalogue.values():
            yield from texts_of(value)


def test_no_page_of_the_editor_fails(editor: dict[str, Any]) -> None:
    assert editor["errors"] == []


@pytest.mark.parametrize("node", TYPES)
def test_a_form_and_its_help_show_the_texts_of_the_catalogue(editor: dict[str, Any], node: str) -> None:
    shown = editor["shown"][node]
    catalogue = json.loads((LOCALES / f"{node}.json").read_text())[node]
    assert set(shown["texts"]) <= set(texts_of(catalogue))
    assert catalogue["label"]["name"] in shown["texts"]
    assert shown["palette"] == catalogue.get("palette")
    assert shown["ports"] == [catalogue.get("input"), catalogue.get("output")]
    assert f"{node}." not in shown["label"], "a key that has no text is shown as it is"
    assert "<p>" in shown["help"]
