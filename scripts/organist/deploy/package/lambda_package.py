"""The Lambda functions' zip: the same inputs give the same bytes, on any machine and from any clone.

boto3 is left out: the runtime has one, and a copy would add 29 MB unzipped to the 8 MB that are there.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from organist.command_errors import CommandError
from organist.deploy.package.lambda_dependencies import Architecture, fetch_dependencies
from organist.deploy.package.reproducible_zip import write_zip

# Unzipped, with layers. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
UNZIPPED_LIMIT_BYTES = 250 * 1024 * 1024
INPUT_SCHEMA = PurePosixPath("step_functions/input.schema.json")

_OWN_SUFFIXES = frozenset({".py", ".json"})
_NEVER_FOLDERS = frozenset({"__pycache__", "bin", "tests", "test", "benchmarks"})
_NEVER_SUFFIXES = frozenset({".pyc", ".pyi"})
_METADATA = ("METADATA", "entry_points.txt")  # what importlib.metadata reads; licences stay too


class PackageTooLargeError(CommandError):
    """The zip would be larger than Lambda takes."""


@dataclass(frozen=True)
class LambdaPackage:
    """A finished zip.

    ``sizes`` has the unzipped bytes of each part: a dependency or ``lambdas``.
    """

    path: Path
    sha256: str
    sizes: Mapping[str, int]

    @property
    def unzipped_bytes(self) -> int:
        """Return what the zip holds, unpacked."""
        return sum(self.sizes.values())


def build_package(
    repository: Path, build: Path, architecture: Architecture = Architecture.ARM64
) -> LambdaPackage:
    """Make the zip below ``build`` and return what it holds.

    Raises:
        DependenciesError: The locked dependencies cannot be fetched.
        PackageTooLargeError: The zip would be larger than Lambda takes.
    """
    requirements = repository / "lambdas" / "requirements.txt"
    dependencies = fetch_dependencies(requirements, build / "lambda-dependencies", architecture)
    contents = dict(_contents(repository, dependencies))
    sizes = _sizes(contents)
    if sum(sizes.values()) > UNZIPPED_LIMIT_BYTES:
        raise PackageTooLargeError(
            f"The Lambda functions' code would be {sum(sizes.values()):,} bytes unzipped; Lambda takes "
            f"{UNZIPPED_LIMIT_BYTES:,}. Take a dependency out of pyproject.toml's group lambda. "
            "Nothing was uploaded."
        )
    path = build / f"lambda-{architecture}.zip"
    write_zip(path, contents)
    return LambdaPackage(path, hashlib.sha256(path.read_bytes()).hexdigest(), sizes)


def _contents(repository: Path, dependencies: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path in _files(repository / "lambdas"):
        if path.suffix in _OWN_SUFFIXES:
            yield PurePosixPath("lambdas") / path, (repository / "lambdas" / path).read_bytes()
    yield INPUT_SCHEMA, (repository / INPUT_SCHEMA).read_bytes()
    for path in _files(dependencies):
        if _needed(path):
            yield path, (dependencies / path).read_bytes()


def _files(folder: Path) -> Iterator[PurePosixPath]:
    for path in folder.rglob("*"):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_file() and not _NEVER_FOLDERS.intersection(relative.parts):
            yield relative


def _needed(path: PurePosixPath) -> bool:
    if path.suffix in _NEVER_SUFFIXES:
        return False
    if not path.parts[0].endswith(".dist-info"):
        return True
    # Who installed it and when is pip's business, and differs from machine to machine.
    return path.name in _METADATA or path.name.upper().startswith(("LICEN", "NOTICE", "COPYING"))


def _sizes(contents: Mapping[PurePosixPath, bytes]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for path, data in contents.items():
        sizes[path.parts[0]] = sizes.get(path.parts[0], 0) + len(data)
    return sizes
