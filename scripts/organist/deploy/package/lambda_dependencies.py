"""The Lambda functions' locked dependencies, as wheels for the functions' machine."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path

from organist.command_errors import CommandError

PYTHON_VERSION = "3.13"  # Runtime: python3.13 in template.yaml

# What Amazon Linux 2023, which Lambda's python3.13 runs on, can load: its glibc is 2.34.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
GLIBC_TAGS = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34")


class Architecture(StrEnum):
    """A Lambda function's processor, as the template's ``Architectures`` names it."""

    ARM64 = "arm64"
    X86_64 = "x86_64"

    @property
    def wheel_name(self) -> str:
        """Return the processor's name in a wheel's platform tag."""
        return "aarch64" if self is Architecture.ARM64 else "x86_64"


class DependenciesError(CommandError):
    """The locked dependencies cannot be fetched."""


def fetch_dependencies(requirements: Path, cache: Path, architecture: Architecture) -> Path:
    """Return a folder with the dependencies unpacked; the same lock file is fetched once.

    Args:
        requirements: The lock file with hashes.
        cache: The folder that keeps them.
        architecture: The functions' processor, as SAM names it.

    Raises:
        DependenciesError: pip cannot fetch them; the message has its words.
    """
    lock = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    target = cache / f"{lock}-{architecture}-{PYTHON_VERSION}"
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    # Into a folder beside it, renamed at the end: nobody ever packs half of it.
    unfinished = Path(tempfile.mkdtemp(dir=cache))
    try:
        _install(requirements, unfinished, architecture)
        try:
            unfinished.rename(target)
        except OSError:
            # Somebody else who packs at this moment was first; what is there is the same.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _install(requirements: Path, target: Path, architecture: Architecture) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--no-compile", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", PYTHON_VERSION]
    command += [f"--platform={tag}_{architecture.wheel_name}" for tag in GLIBC_TAGS]
    command += ["--target", str(target), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DependenciesError(
            f"pip could not fetch the Lambda functions' dependencies for {architecture} "
            f"({requirements}). Nothing was uploaded. pip says:\n{done.stderr.strip()}"
        )
