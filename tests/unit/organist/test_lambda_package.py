"""The Lambda functions' zip: what is in it, and that the same inputs give the same bytes."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from organist.deploy.package import lambda_package
from organist.deploy.package.lambda_dependencies import Architecture, DependenciesError, fetch_dependencies
from organist.deploy.package.lambda_package import LambdaPackage, PackageTooLargeError, build_package
from organist.repository import BUILD, REPOSITORY

CLONED = ("lambdas", "step_functions", "tasks")
STALE_RUNS = shutil.ignore_patterns("node_modules", "__pycache__")


def clone(to: Path, umask: int, modified: int) -> Path:
    """Return a copy of the repository as another person's clone has it: other times, other permissions."""
    for folder in CLONED:
        shutil.copytree(REPOSITORY / folder, to / folder, ignore=STALE_RUNS)
    for path in to.rglob("*"):
        executable = os.access(path, os.X_OK)
        path.chmod((0o777 if executable else 0o666) & ~umask)
        os.utime(path, (modified, modified))
    return to


@pytest.fixture(scope="module")
def package() -> LambdaPackage:
    return build_package(REPOSITORY, BUILD)


@pytest.fixture(scope="module")
def names(package: LambdaPackage) -> list[str]:
    with zipfile.ZipFile(package.path) as archive:
        return archive.namelist()


def test_two_clones_give_the_same_bytes(tmp_path: Path, package: LambdaPackage) -> None:
    for number, (umask, modified) in enumerate([(0o022, 1_000_000_000), (0o077, 1_700_000_000)]):
        cloned = clone(tmp_path / f"{number}", umask, modified)
        (cloned / "lambdas" / "__pycache__").mkdir()
        (cloned / "lambdas" / "__pycache__" / "aws.cpython-313.pyc").write_bytes(b"mine")
        made = build_package(cloned, cloned / "build")
        assert made.path.read_bytes() == package.path.read_bytes()
        assert made.sha256 == package.sha256


def test_another_line_in_a_handler_gives_another_zip(tmp_path: Path, package: LambdaPackage) -> None:
    cloned = clone(tmp_path / "clone", 0o022, 1_000_000_000)
    (cloned / "build").mkdir()
    (cloned / "build" / "lambda-dependencies").symlink_to(BUILD / "lambda-dependencies")
    with (cloned / "lambdas" / "aws" / "clients.py").open("a") as source:
        source.write("# another line\n")
    assert build_package(cloned, cloned / "build").sha256 != package.sha256


def test_everything_that_the_functions_read_is_in_it(names: list[str]) -> None:
    assert "step_functions/input.schema.json" in names
    assert "lambdas/modules/catalogue.json" in names
    assert "lambdas/flows/media/mix.json" in names
    sources = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "lambdas").rglob("*.py")}
    assert sources <= set(names)


def test_nothing_else_is_in_it(names: list[str]) -> None:
    unwanted = ("/tests/", "__pycache__", ".pyc", "RECORD", "boto3", "botocore", "requirements.txt", "bin/")
    assert not [name for name in names if any(part in name for part in unwanted)]


def test_native_parts_are_for_the_functions_processor(names: list[str]) -> None:
    native = [name for name in names if name.endswith(".so")]
    assert native
    assert all("313" in name or "abi3" in name for name in native)
    assert all("aarch64" in name for name in native)


def test_everybody_may_read_it(package: LambdaPackage) -> None:
    with zipfile.ZipFile(package.path) as archive:
        assert {(entry.external_attr >> 16) & 0o444 for entry in archive.infolist()} == {0o444}


def test_a_package_that_lambda_would_refuse_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lambda_package, "UNZIPPED_LIMIT_BYTES", 1000)
    with pytest.raises(PackageTooLargeError, match=r"Lambda takes 1,000"):
        build_package(REPOSITORY, BUILD)


def test_dependencies_that_cannot_be_had_are_told_in_pips_words(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("requests==2.34.2 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(DependenciesError, match=r"(?s)pip could not fetch.*HASHES"):
        fetch_dependencies(lock, tmp_path / "cache", Architecture.ARM64)
    assert list((tmp_path / "cache").iterdir()) == []


def test_who_fetches_second_takes_what_the_first_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, cache = tmp_path / "requirements.txt", tmp_path / "cache"
    lock.touch()
    fetched_meanwhile: list[Path] = []

    def install(_requirements: Path, target: Path, architecture: Architecture) -> None:
        (target / "module.py").write_text("the same")
        if not fetched_meanwhile:
            fetched_meanwhile.append(target)
            fetched_meanwhile.append(fetch_dependencies(lock, cache, architecture))

    monkeypatch.setattr("organist.deploy.package.lambda_dependencies._install", install)
    folder = fetch_dependencies(lock, cache, Architecture.ARM64)
    assert folder == fetched_meanwhile[1]
    assert (folder / "module.py").read_text() == "the same"
    assert list(cache.iterdir()) == [folder]


HEAVY = ("boto3", "requests", "jsonschema", "aws_lambda_powertools.utilities.parser", "pydantic")
NEEDED = {
    "check_production": {"requests"},
    "deploy_node_red_module": {"requests"},
    "install_node_red_module": {"requests"},
    "make_a_mix": set(),
    "make_an_encode": set(),
    "make_module_params": set(),
    "validate_input": {"boto3", "jsonschema"},
}


def handlers() -> list[str]:
    """Every module that has a handler."""
    sources = sorted((REPOSITORY / "lambdas").glob("*.py"))
    return [source.stem for source in sources if "\ndef handler(" in source.read_text()]


@pytest.mark.parametrize("module", handlers())
def test_a_cold_start_loads_nothing_that_the_handler_does_not_need(module: str) -> None:
    program = f"import lambdas.{module}, sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert set(done.stdout.split()) == NEEDED.get(module, {"boto3"})
