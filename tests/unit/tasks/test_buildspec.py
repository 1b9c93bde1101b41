"""What CodeBuild does with the image's source, run for real against commands that only take notes."""

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_cloud.paths import REPOSITORY

BASH = shutil.which("bash") or ""
pytestmark = pytest.mark.skipif(not BASH, reason="needs bash")

SPECIFICATION: dict[str, Any] = yaml.safe_load(
    (REPOSITORY / "tasks" / "node-red" / "buildspec.yml").read_text()
)
REPOSITORY_URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/images"
NOTING = '#!/bin/bash\necho "$(basename "$0") $*" >> "$NOTES"\n'
COMMANDS = {
    # "there" lists the tags of the repository; ECR says no of every other one.
    "aws": 'case "$2" in describe-images) grep -qx -- "${@: -1}" "$THERE" ;; *) echo secret ;; esac\n',
    "docker": 'case "$1 ${@: -1}" in $FAILING) exit 1 ;; login*) cat > /dev/null ;; esac\n',
    "uname": 'echo "$MACHINE"\n',
}


class Build:
    """A build of CodeBuild's: its commands run in order, in one shell each, until one fails."""

    def __init__(self, folder: Path) -> None:
        self._notes, self._there, self._commands = folder / "notes", folder / "there", folder / "bin"
        self._commands.mkdir()
        self._notes.touch()
        self._there.touch()
        for name, answer in COMMANDS.items():
            command = self._commands / name
            command.write_text(NOTING + answer)
            command.chmod(command.stat().st_mode | stat.S_IXUSR)

    def have(self, *tags: str) -> None:
        self._there.write_text("".join(f"imageTag={tag}\n" for tag in tags))

    def run(self, machine: str, *, dynamorse: bool = False, failing: str = "none") -> bool:
        """Return whether the build succeeds."""
        environment = {
            "PATH": f"{self._commands}:{os.environ['PATH']}",
            "NOTES": str(self._notes),
            "THERE": str(self._there),
            "MACHINE": machine,
            "FAILING": failing,
            "REPOSITORY_URI": REPOSITORY_URI,
            "REPOSITORY_NAME": "images",
            "IMAGE_TAG": "1f",
            "WITH_DYNAMORSE": "yes" if dynamorse else "no",
            **SPECIFICATION["env"]["variables"],
        }
        commands = [command for phase in SPECIFICATION["phases"].values() for command in phase["commands"]]
        return all(self._succeeds(command, environment) for command in commands)

    def _succeeds(self, command: str, environment: dict[str, str]) -> bool:
        return (
            subprocess.run(
                [BASH, "-c", command], env=environment, capture_output=True, check=False, timeout=60
            ).returncode
            == 0
        )

    def did(self, verb: str) -> list[str]:
        """The arguments of each call of docker's verb."""
        prefix = f"docker {verb} "
        return [
            line.removeprefix(prefix)
            for line in self._notes.read_text().splitlines()
            if line.startswith(prefix)
        ]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


@pytest.mark.parametrize(
    ("machine", "dynamorse", "tags"),
    [
        ("x86_64", False, ["1f-x86_64"]),
        ("x86_64", True, ["1f-x86_64", "1f-dynamorse"]),
        ("aarch64", False, ["1f-arm64"]),
        ("aarch64", True, ["1f-arm64"]),
    ],
)
def test_each_architecture_builds_its_own_image(
    build: Build, machine: str, dynamorse: bool, tags: list[str]
) -> None:
    assert build.run(machine, dynamorse=dynamorse)
    assert build.did("push") == [f"{REPOSITORY_URI}:{tag}" for tag in tags]
    files = {"1f-dynamorse": "dynamorse/Dockerfile"}
    assert build.did("build") == [
        f"--provenance=false --file {files.get(tag, 'Dockerfile')} --tag {REPOSITORY_URI}:{tag} ."
        for tag in tags
    ]


def test_what_is_there_is_not_built_again(build: Build) -> None:
    build.have("1f-x86_64")
    assert build.run("x86_64", dynamorse=True)
    assert build.did("push") == [f"{REPOSITORY_URI}:1f-dynamorse"]
    assert build.run("x86_64")


@pytest.mark.parametrize("failing", ["login *.amazonaws.com", "build *", "push *"])
def test_a_step_that_fails_fails_the_build(build: Build, failing: str) -> None:
    assert not build.run("x86_64", failing=failing)
    if failing != "push *":
        assert build.did("push") == []


def test_base_images_are_pulled_signed_in_or_else_without(build: Build) -> None:
    assert build.run("x86_64")
    assert build.did("login") == [
        f"--username AWS --password-stdin {registry}"
        for registry in (REPOSITORY_URI.partition("/")[0], "public.ecr.aws")
    ]
    assert build.run("x86_64", failing="login public.ecr.aws"), "the role of an older deployment"


def test_another_machine_fails_the_build(build: Build) -> None:
    assert not build.run("riscv64")


def test_nothing_is_pulled_to_build_with() -> None:
    """Docker's own BuildKit builds, on a machine of the architecture itself."""
    written = str(SPECIFICATION["phases"])
    for word in ("buildx", "docker run", "docker pull", "buildkit", "binfmt", "--platform"):
        assert word not in written
    assert SPECIFICATION["env"]["variables"]["DOCKER_BUILDKIT"] == "1"
