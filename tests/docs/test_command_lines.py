"""Every command line of README and docs is run by a test, or it is said why not."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from local_cloud.paths import REPOSITORY
from organist.app import app
from tests.docs.command_lines import (
    ELSEWHERE,
    PAGES,
    PLACES,
    SHELL,
    CommandLine,
    Place,
    command_lines,
    fences,
    placed,
    shell_blocks,
)

MAKE, BASH = (shutil.which(name) or name for name in ("make", "bash"))
LANGUAGES = {SHELL, "json", "mermaid", "text"}
ORGANIST = [line for line in command_lines() if line.words[0].endswith("/organist")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page: Path) -> None:
    """Else a command could stand in a block that nobody looks into."""
    assert {language for language, _ in fences(page)} <= LANGUAGES
    assert page.read_text().count("```") == 2 * len(list(fences(page)))


@pytest.mark.parametrize("line", command_lines(), ids=str)
def test_every_command_has_its_place(line: CommandLine) -> None:
    assert len(line.places) == 1


def test_no_place_is_kept_for_a_command_that_is_gone() -> None:
    unused = {
        pattern for pattern in PLACES if not any(re.match(pattern, one.text) for one in command_lines())
    }
    assert unused == set()
    assert set(ELSEWHERE) == {pattern for pattern, place in PLACES.items() if place is Place.ANOTHER_TEST}


@pytest.mark.parametrize("pattern", ELSEWHERE)
def test_the_test_that_runs_it_elsewhere_does(pattern: str) -> None:
    file, line = ELSEWHERE[pattern]
    assert line in (REPOSITORY / "tests" / file).read_text()


@pytest.mark.parametrize("line", ORGANIST, ids=str)
def test_organist_takes_its_arguments(line: CommandLine) -> None:
    _, name, *arguments = line.words
    command: Any = typer.main.get_command(app)
    command.commands[name].make_context(name, arguments)


@pytest.mark.parametrize("line", placed(Place.MAKE), ids=str)
def test_make_has_the_target(line: CommandLine) -> None:
    made = subprocess.run(
        [MAKE, "--dry-run", *line.words[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("block", [block for _, block in shell_blocks()])
def test_the_shell_reads_every_block(block: str) -> None:
    read = subprocess.run([BASH, "-n"], input=block, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


def test_the_files_that_docker_is_given_are_there() -> None:
    """The page says that its commands are run in logstash/."""
    folder = REPOSITORY / "logstash"
    lines = [line.words for line in placed(Place.DOCKER)]
    named = [word for words in lines for word in words]
    mounted = [word.partition(":")[0].replace("$PWD", str(folder)) for word in named if "$PWD" in word]
    built = [words[words.index("-f") + 1] for words in lines if words[1] == "build" and "-f" in words]
    read = [word for word in named if word.startswith("../")]
    # Which the commands before it make.
    mounted = [path for path in mounted if path != str(folder / "certificates")]
    assert mounted
    assert built
    assert read
    for path in (*mounted, *built, *read, "Dockerfile"):
        assert (folder / path).is_file(), path


def test_a_command_over_several_lines_is_one() -> None:
    media, *_ = [line for line in command_lines() if line.page == "media.md"]
    assert shlex.split(media.text)[-2:] == ["-H", "Content-Type: application/json"]
