"""The wheel as somebody installs it, built from the checkout, beside nothing but what it declares.

Nothing is fetched: the dependencies are links to the test environment's, by the wheel's own metadata.
"""

import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class InstalledWheel:
    """An environment with organist in it, and the wheel that it came from."""

    environment: Path
    wheel: Path

    def run(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in ``folder``; nothing of the checkout can be imported there."""
        program, *rest = arguments
        return subprocess.run(
            [str(self.environment / "bin" / program), *rest],
            cwd=folder,
            env={"PATH": f"{self.environment / 'bin'}:/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )


def install_wheel(folder: Path, *extras: str) -> InstalledWheel:
    """Build the wheel below ``folder`` and install it, with the dependencies of its extras, there."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *build, str(REPOSITORY)], check=True)
    (wheel,) = folder.glob("organist-*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    (packages,) = environment.glob("lib/python*/site-packages")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run([*pip, "--python", str(environment), *install], check=True)
    own = Distribution.at(next(packages.glob("organist-*.dist-info")))
    for dependency in closure(own, set(extras)).values():
        link(dependency, packages)
    return InstalledWheel(environment, wheel)


def closure(root: Distribution, extras: set[str]) -> dict[str, Distribution]:
    """What a distribution needs here, and what that needs, by name."""
    found: dict[str, Distribution] = {}
    open_ends = [(root, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while open_ends:
        owner, wanted = open_ends.pop()
        for requirement in needed(owner, wanted):
            key = (requirement.name, frozenset(requirement.extras))
            if key not in seen:
                seen.add(key)
                found[requirement.name] = distribution(requirement.name)
                open_ends.append((found[requirement.name], requirement.extras))
    return found


def needed(owner: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """The requirements of a distribution that hold on this machine."""
    for text in owner.requires or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def link(dependency: Distribution, packages: Path) -> None:
    """Make a distribution's packages, modules and metadata importable from another folder."""
    for name in {file.parts[0] for file in dependency.files or []} - {"..", "__pycache__"}:
        target = packages / name
        if not target.exists():
            target.symlink_to(Path(str(dependency.locate_file(name))))
