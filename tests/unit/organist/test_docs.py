"""The pages of docs/ name nothing that is not there."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from organist.app import app

REPOSITORY = Path(__file__).parents[3]
PAGES = sorted((REPOSITORY / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text()
    for link in re.findall(r"\]\(((?!https?://|#)[^)#]+)", text):
        assert (page.parent / link).exists(), link
    for path in re.findall(r"`((?:tests|step_functions|lambdas|scripts)/[\w./-]+)`", text):
        assert (REPOSITORY / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_have_the_options_that_it_gives(page: Path) -> None:
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    lines = re.findall(r"\.venv/bin/organist (.+)", page.read_text())
    assert lines
    for line in lines:
        name, *words = line.split()
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line
