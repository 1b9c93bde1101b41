"""The pages name nothing that is not there, and no registry's host."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from organist.app import app

REPOSITORY = Path(__file__).parents[3]
PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
AT_THE_DOOR = sorted(REPOSITORY.glob("*.md"))
REGISTRIES = ("npmjs.org", "pypi.org/simple", "pythonhosted.org")


@pytest.mark.parametrize("page", [*PAGES, *AT_THE_DOOR], ids=lambda page: page.name)
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


def test_no_registry_is_named() -> None:
    """What is installed comes from where npm and pip are told to look."""
    listed = ["git", "grep", "-l", "-I", *(word for host in REGISTRIES for word in ("-e", host)), "--", "."]
    found = subprocess.run(
        [*listed, f":!{Path(__file__).relative_to(REPOSITORY)}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.split() == []
