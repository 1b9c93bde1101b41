"""What a build of FFmpeg has, by name: asked of the program itself, or recorded of one that cannot run here.

To record another one: ``python -m tests.unit.tasks.ffmpeg_build COMMAND… > tests/unit/tasks/recorded/FILE``.
The build for aarch64 was recorded from the wheel ``imageio_ffmpeg-0.8.1-py3-none-manylinux_2_28_aarch64``,
run by Debian's ``qemu-aarch64-static -L ROOT`` (qemu-user-static 7.2); in ROOT, Debian's libc6 and libgcc-s1
for arm64.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

TWO_COLUMNS = r"^ [A-Z.|]{%d} +(\S+)"
OPTION = re.compile(r"^ *-?([a-zA-Z0-9_-]+)(?:\[:<[^>]*>\])? +<[a-z0-9_]+> +[.EDFVASXRBTP]{9,}", re.MULTILINE)
TOOL_OPTION = re.compile(r"^-([a-z0-9_]+)", re.MULTILINE)
CONSTANT = re.compile(r"^ {5}(\S+) +(?:-?\d+ +)?[.EDFVASXRBTP]{9,}", re.MULTILINE)
CODEC_OPTIONS = "AVCodecContext AVOptions:"


@dataclass(frozen=True)
class Build:
    """A build's parts by name; ``options`` has the named values of flags and choices, too."""

    version: str
    options: frozenset[str]
    filters: frozenset[str]
    protocols: frozenset[str]
    muxers: frozenset[str]
    demuxers: frozenset[str]
    encoders: frozenset[str]

    def text(self) -> str:
        """Return the build as JSON that ``read_build`` reads."""
        named = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "version"}
        listed = {name: " ".join(sorted(found)) for name, found in named.items()}
        return json.dumps({"version": self.version, **listed}, indent=1) + "\n"


def read_build(file: Path) -> Build:
    """Return a recorded build."""
    recorded: dict[str, str] = json.loads(file.read_text())
    version = recorded.pop("version")
    return Build(version, **{name: frozenset(names.split()) for name, names in recorded.items()})


def ask_build(command: Sequence[str]) -> Build:
    """Return the build that answers to a command, FFmpeg's path or what runs it and its path."""
    whole = _ask(command, "-h", "full")
    tool, _, libraries = whole.partition(CODEC_OPTIONS)
    protocols = _ask(command, "-protocols").partition("Input:")[2].replace("Output:", "")
    return Build(
        version=_ask(command, "-version").split()[2],
        options=frozenset(
            [*TOOL_OPTION.findall(tool), *OPTION.findall(libraries), *CONSTANT.findall(libraries)]
        ),
        filters=frozenset(_column(_ask(command, "-filters"), 2)),
        protocols=frozenset(protocols.split()),
        muxers=frozenset(_formats(_ask(command, "-muxers"))),
        demuxers=frozenset(_formats(_ask(command, "-demuxers"))),
        encoders=frozenset(_column(_ask(command, "-encoders"), 6)),
    )


def _column(message: str, flags: int) -> list[str]:
    return [name for name in re.findall(TWO_COLUMNS % flags, message, re.MULTILINE) if name != "="]


def _formats(message: str) -> list[str]:
    names = re.findall(r"^ [ D][ E][ d] +(\S+)", message, re.MULTILINE)
    return [name for several in names for name in several.split(",") if name != "="]


def _ask(command: Sequence[str], *question: str) -> str:
    asked = [*command, "-hide_banner", *question]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=300).stdout


if __name__ == "__main__":
    sys.stdout.write(ask_build(sys.argv[1:]).text())
