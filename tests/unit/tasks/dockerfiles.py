"""What a Dockerfile says, read without a Docker engine."""

import re
from dataclasses import dataclass
from pathlib import Path

INSTRUCTION = re.compile(r"^([A-Z]+)\s+(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Copy:
    """A COPY: its sources, its destination, the stage that they come from ("" for the build's own folder)."""

    sources: tuple[str, ...]
    to: str
    stage: str


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile; ``context`` is the folder that it is built in."""

    path: Path
    context: Path

    def instructions(self) -> list[tuple[str, str]]:
        """Its instructions in order, each with its arguments on one line."""
        lines = [line for line in self.path.read_text().splitlines() if not line.lstrip().startswith("#")]
        joined = "\n".join(lines).replace("\\\n", " ")
        found = (INSTRUCTION.match(line) for line in joined.splitlines())
        return [(match[1], re.sub(r"\s+", " ", match[2]).strip()) for match in found if match]

    def of(self, name: str) -> list[str]:
        """The arguments of every instruction of that name."""
        return [arguments for instruction, arguments in self.instructions() if instruction == name]

    def base_images(self) -> list[str]:
        """The images that it begins from, without its own stages."""
        stages = {words.split()[-1] for words in self.of("FROM") if " AS " in words}
        named = [words.split()[0] for words in self.of("FROM")]
        copied = [copy.stage for copy in self.copies() if copy.stage]
        return [image for image in (*named, *copied) if image not in stages]

    def copies(self) -> list[Copy]:
        """Every COPY."""
        found = []
        for arguments in self.of("COPY"):
            words = arguments.split()
            flags = dict(word.removeprefix("--").split("=", 1) for word in words if word.startswith("--"))
            names = [word for word in words if not word.startswith("--")]
            found.append(Copy(tuple(names[:-1]), names[-1], flags.get("from", "")))
        return found

    def let_in(self) -> list[str]:
        """What the context's .dockerignore lets in."""
        rules = (self.context / ".dockerignore").read_text().splitlines()
        return [rule.removeprefix("!").rstrip("/") for rule in rules if rule.startswith("!")]
