"""The command lines of README and docs, and where each of them is run."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from local_cloud.paths import REPOSITORY

PAGES = (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")))
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SHELL = "sh"
_ORGANIST, _AWS = r"\.venv/bin/organist ", "aws "
_BESIDE_DOCKER = r"mkdir -p certificates |grep .* documents |sudo rm -rf certificates "


class Place(Enum):
    """Where a command line is run."""

    LOCAL_CLOUD = auto()
    """By ``tests/docs/test_on_the_local_cloud.py``."""
    MINISTACK = auto()
    """By ``tests/deploy/test_documented_commands.py``."""
    ANOTHER_TEST = auto()
    """By the test that ``ELSEWHERE`` names."""
    MAKE = auto()
    """By people and CI: what each makes is tested; here, that make has the target."""
    DOCKER = auto()
    """By nobody, as there is no Docker: the shell reads it, and the files that it names are there."""


PLACES = {
    rf"{_ORGANIST}(doctor|sources|start|stop|sweep)\b": Place.LOCAL_CLOUD,
    rf"{_AWS}(logs|stepfunctions)\b": Place.LOCAL_CLOUD,
    rf"{_ORGANIST}(deploy|destroy|login --monitoring)\b": Place.MINISTACK,
    rf"{_ORGANIST}local\b": Place.ANOTHER_TEST,
    rf"{_ORGANIST}grains\b": Place.ANOTHER_TEST,
    r"pip install ": Place.ANOTHER_TEST,
    r"curl .*/production/fader ": Place.ANOTHER_TEST,
    r"make ": Place.MAKE,
    rf"docker |head -1 .*\| *curl |sleep 10 && docker |{_BESIDE_DOCKER}": Place.DOCKER,
}
# What takes a whole production or an installation has a test of its own: its file, and a line of it.
ELSEWHERE = {
    rf"{_ORGANIST}local\b": ("end_to_end/test_production.py", 'module_commands.start(INPUT, "--metrics")'),
    rf"{_ORGANIST}grains\b": ("dynamorse/conftest.py", '"grains", *videos'),
    r"pip install ": ("wheel/test_wheel.py", 'install_wheel(tmp_path, "local")'),
    r"curl .*/production/fader ": ("end_to_end/test_sources_and_fader.py", "/production/fader"),
}


@dataclass(frozen=True)
class CommandLine:
    """A command of a page, its continuation lines joined."""

    page: str
    text: str

    @property
    def words(self) -> list[str]:
        """The command as the shell splits it, without its comment."""
        return shlex.split(self.text, comments=True)

    @property
    def places(self) -> list[Place]:
        """Where it is run: one place, or the table ``PLACES`` is wrong."""
        return [place for pattern, place in PLACES.items() if re.match(pattern, self.text)]

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def fences(page: Path) -> Iterator[tuple[str, str]]:
    """The language of each fenced block of a page, and what is in it."""
    for _, language, block in FENCE.findall(page.read_text()):
        yield language, block


def shell_blocks() -> Iterator[tuple[Path, str]]:
    """Every block of every page that a person may paste into a shell."""
    for page in PAGES:
        yield from ((page, block) for language, block in fences(page) if language == SHELL)


def command_lines() -> list[CommandLine]:
    """Every command of every page, in the order in which a person meets them."""
    return [CommandLine(page.name, text) for page, block in shell_blocks() for text in _commands(block)]


def placed(place: Place) -> list[CommandLine]:
    """The commands that are run at a place, the same one once."""
    lines: dict[tuple[str, ...], CommandLine] = {}
    for line in command_lines():
        if place in line.places:
            lines.setdefault(tuple(line.words), line)
    return list(lines.values())


def _commands(block: str) -> Iterator[str]:
    joined = re.sub(r"\\\n\s*", " ", block)
    joined = re.sub(r"\|\n\s*", "| ", joined)
    for line in joined.splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield line.strip()
