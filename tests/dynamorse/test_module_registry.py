"""A folder of tarballs as an npm registry."""

import io
import tarfile
from pathlib import Path

import pytest
import requests

from lambdas.modules.npm_registry import Registry
from local_cloud.errors import ModuleFolderError
from local_cloud.npm_registry import serve_modules
from tests.dynamorse.conftest import PREFIX, STAND_INS
from tests.support.npm_pack import pack_module


def test_npms_document_leads_to_the_tarball(registry: str) -> None:
    found = Registry(registry).find(f"{PREFIX}core", None)
    assert found is not None
    assert found.version == "0.2.1"
    packed = requests.get(found.url, timeout=10).content
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        assert "package/package.json" in tar.getnames()


@pytest.mark.parametrize("path", ["nothing", "-/nothing.tgz", "-/../conftest.py", ""])
def test_what_is_not_there_is_not_found(registry: str, path: str) -> None:
    assert requests.get(f"{registry}/{path}", timeout=10).status_code == 404


def test_the_newest_of_several_versions(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0"):
        source = tmp_path / version
        source.mkdir()
        manifest = (STAND_INS / "core" / "package.json").read_text().replace("0.2.1", version)
        (source / "package.json").write_text(manifest)
        pack_module(source, tmp_path)
    with serve_modules(tmp_path) as url:
        found = Registry(url).find(f"{PREFIX}core", None)
    assert found is not None
    assert found.version == "0.10.0"


def test_a_folder_that_is_no_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModuleFolderError, match="has no module"), serve_modules(tmp_path):
        pass
    (tmp_path / "x.tgz").write_text("not packed")
    with pytest.raises(ModuleFolderError, match=r"x\.tgz is no npm tarball"), serve_modules(tmp_path):
        pass
