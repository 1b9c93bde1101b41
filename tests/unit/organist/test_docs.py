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


EVERY_PAGE = pytest.mark.parametrize("page", [*AT_THE_DOOR, *PAGES], ids=lambda page: page.name)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EVERY_PAGE
def test_what_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text()
    for link, anchor in re.findall(r"\]\((?!https?://)([^)#\s]*)#?([^)\s]*)\)", text):
        aim = page.parent / link if link else page
        assert aim.exists(), link
        assert not anchor or anchor in anchors(aim), anchor
    for path in re.findall(r"`((?:tests|step_functions|lambdas|scripts|docs|tools)/[\w./-]+)`", text):
        assert (REPOSITORY / path).exists(), path


@EVERY_PAGE
def test_the_commands_in_the_text_have_the_options_that_it_gives(page: Path) -> None:
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for line in re.findall(r"`(?:\.venv/bin/)?organist ([a-z][^`]*)`", page.read_text()):
        name, *words = re.sub(r"[][]", "", line).split()
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


@EVERY_PAGE
def test_make_has_the_targets_that_a_page_names(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", page.read_text())) <= targets


def test_every_page_is_one_that_the_readme_leads_to() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    assert {page.name for page in PAGES} <= set(re.findall(r"\]\(docs/([\w-]+\.md)\)", readme))


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
