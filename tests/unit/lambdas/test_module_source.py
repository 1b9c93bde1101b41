"""Where a module comes from: the input's URL, the deployment's source, npm, or nowhere."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from moto import mock_aws

from lambdas import make_module_params
from lambdas.aws.clients import S3_CONFIG
from lambdas.engines.dynamorse_modules import locate_modules
from lambdas.modules.bucket import PRESIGNED_SECONDS, Bucket
from lambdas.modules.catalogue import Module
from lambdas.modules.deployed_source import open_module_source
from lambdas.modules.errors import ModuleNotAvailable, ModuleSourceInvalid, ModuleSourceUnreachable
from lambdas.modules.npm_registry import Registry
from lambdas.modules.source import Nowhere, Tarball

CORE = "node-red-contrib-dynamorse-core"
FILE_IO = "node-red-contrib-dynamorse-file-io"
TRANSITION = "node-red-contrib-dynamorse-transition"


class Answers(requests.adapters.BaseAdapter):
    """A registry's answers by path: a document, a status, or the network's failure."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__()
        self.answers = answers

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        message = self.answers.get(urlsplit(str(request.url)).path, 404)
        if isinstance(message, Exception):
            raise message
        answer = requests.Response()
        answer.url = str(request.url)
        answer.status_code = message if isinstance(message, int) else 200
        answer._content = b"" if isinstance(message, int) else json.dumps(message).encode()
        return answer

    def close(self) -> None:
        pass


def registry(answers: dict[str, Any]) -> Registry:
    session = requests.Session()
    session.mount("https://", Answers(answers))
    return Registry("https://registry.example/npm/", session)


def document(name: str, *versions: str) -> dict[str, Any]:
    tarballs = {
        version: {"dist": {"tarball": f"https://registry.example/{name}-{version}.tgz"}}
        for version in versions
    }
    return {"dist-tags": {"latest": versions[-1]}, "versions": tarballs}


@pytest.mark.parametrize(("asked", "found"), [(None, "0.2.0"), ("0.1.0", "0.1.0")])
def test_a_registry_gives_the_version_asked_for_or_the_latest(asked: str | None, found: str) -> None:
    source = registry({f"/npm/{FILE_IO}": document(FILE_IO, "0.1.0", "0.2.0")})
    assert source.find(FILE_IO, asked) == Tarball(found, f"https://registry.example/{FILE_IO}-{found}.tgz")


def test_a_registry_without_the_module_or_the_version_has_it_not() -> None:
    source = registry({f"/npm/{FILE_IO}": document(FILE_IO, "0.1.0")})
    assert source.find(TRANSITION, None) is None
    assert source.find(FILE_IO, "9.9.9") is None


@pytest.mark.parametrize("answer", [503, {"error": "what?"}, [], requests.ConnectionError("no route")])
def test_a_registry_that_makes_no_sense_is_asked_again(answer: Any) -> None:
    with pytest.raises(ModuleSourceUnreachable, match=FILE_IO):
        registry({f"/npm/{FILE_IO}": answer}).find(FILE_IO, None)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", config=S3_CONFIG)
        client.create_bucket(Bucket="modules")
        yield client


def test_a_bucket_gives_a_signed_url_of_the_newest_tarball(s3: Any) -> None:
    for version in ("0.1.9", "0.1.10", "0.1.2"):
        s3.put_object(Bucket="modules", Key=f"dynamorse/{FILE_IO}-{version}.tgz", Body=b"packed")
    found = Bucket("modules", "dynamorse", s3).find(FILE_IO, None)
    assert found is not None
    assert found.version == "0.1.10"
    assert f"/dynamorse/{FILE_IO}-0.1.10.tgz" in found.url
    url = urlsplit(found.url)
    asked = parse_qs(url.query)
    assert url.hostname == "modules.s3.us-east-1.amazonaws.com"
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert asked["X-Amz-Expires"] == [str(PRESIGNED_SECONDS)]


def test_a_bucket_without_the_module_has_it_not(s3: Any) -> None:
    source = Bucket("modules", "", s3)
    assert source.find(FILE_IO, None) is None
    assert source.find(FILE_IO, "0.1.0") is None


@pytest.mark.parametrize("setting", ["ftp://x", "modules/here", "s3://", "https://"])
def test_a_setting_that_is_no_source_is_named(setting: str) -> None:
    with pytest.raises(ModuleSourceInvalid, match="expected https"):
        open_module_source(setting, lambda: None)  # type: ignore[arg-type,return-value]


def test_the_inputs_url_comes_before_the_source_and_the_source_before_npm() -> None:
    source = registry({f"/npm/{CORE}": document(CORE, "0.2.1")})
    asked: list[str | dict[str, str]] = ["core", "ffmpeg", {"name": "file-io", "url": "https://mine/f.tgz"}]
    core, ffmpeg, file_io = locate_modules(asked, source)
    assert core == Module(CORE, "0.2.1", f"https://registry.example/{CORE}-0.2.1.tgz")
    assert (ffmpeg.version, ffmpeg.url) == ("0.1.17", None)
    assert file_io.url == "https://mine/f.tgz"


def test_what_no_source_has_is_named_with_the_sources_and_the_setting() -> None:
    with pytest.raises(ModuleNotAvailable) as refused:
        locate_modules(["core", "file-io", "transition", "file-io"], Nowhere())
    assert refused.value.missing == [FILE_IO, TRANSITION]
    message = str(refused.value)
    assert "ModuleSource is empty" in message
    assert "npm" in message
    assert "--module-source" in message
    assert "Nothing was started" in message


def test_make_module_params_refuses_what_no_source_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODULE_SOURCE", "")
    with pytest.raises(ModuleNotAvailable):
        make_module_params.handler({"instanceName": "mixer", "modules": ["core", "file-io"]}, None)
