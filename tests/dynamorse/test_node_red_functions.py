"""The functions that talk to Node-RED, against the older one: the same answers have the same names."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from lambdas.deploy_node_red_module import deploy
from lambdas.engines.dynamorse_flows import encode_flow, mix_flow
from lambdas.engines.dynamorse_modules import locate_modules
from lambdas.install_node_red_module import install_module
from lambdas.modules.catalogue import Module
from lambdas.modules.npm_registry import Registry
from lambdas.node_red import client as node_red_client
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import (
    ModuleInstallFailed,
    ModuleInstallUnfinished,
    ModuleNotAllowed,
    ModuleUnknown,
    NodeREDUnauthorised,
    NodesNotConstructed,
    NodeTypesMissing,
)
from lambdas.production.credentials import node_credentials
from lambdas.production.secrets import operator_password
from local_cloud import toolchain
from local_cloud.npm_registry import serve_modules
from tests.dynamorse.conftest import PREFIX
from tests.node_red.running import INSTANCE, SECRET, RunningNodeRed, run_node_red
from tests.support.npm_pack import pack_module

CREDENTIALS_OF = partial(node_credentials, "secret", "production")
PRODUCTION: Any = {
    "region": "eu-west-1",
    "sources": [
        {"kind": "s3", "location": "s3://films/a.mp4"},
        {"kind": "s3", "location": "s3://films/b.mp4"},
    ],
    "mix": {"fader": 0.5, "frameRate": 25},
    "encode": {"bitRate": 5000000, "gopFrames": 15},
    "output": {"location": "s3://films/news.h264"},
}
SHORT_NAMES: list[str | dict[str, str]] = ["core", "http-io", "ffmpeg", "file-io", "transition"]


def install(node_red: RunningNodeRed, module: Module) -> dict[str, Any]:
    event = node_red.event(moduleName=module.name, version=module.version, url=module.url)
    return install_module(event, node_red.client())


@pytest.fixture
def installed(node_red: RunningNodeRed, registry: str) -> dict[str, list[str]]:
    """Install every module from the registry; return the node types of each by its name."""
    modules = locate_modules(SHORT_NAMES, Registry(registry))
    return {module.name: install(node_red, module)["nodeTypes"] for module in modules}


def test_nobody_gets_in_without_the_token(node_red: RunningNodeRed) -> None:
    client = NodeRed(node_red.address, "wrong", node_red.settings.port)
    with pytest.raises(NodeREDUnauthorised, match="401"):
        client.node_types()
    with pytest.raises(NodeREDUnauthorised):
        client.install(f"{PREFIX}core")


@pytest.mark.parametrize(("password", "status"), [("", 403), (operator_password(SECRET, INSTANCE), 200)])
def test_the_operator_signs_in_by_password(node_red: RunningNodeRed, password: str, status: int) -> None:
    form = {"client_id": "node-red-editor", "grant_type": "password", "scope": "*", "username": "operator"}
    url = f"http://{node_red.address}:{node_red.settings.port}/auth/token"
    assert requests.post(url, data=form | {"password": password or "guess"}, timeout=10).status_code == status


def test_it_is_the_node_red_in_which_dynamorse_works(node_red: RunningNodeRed) -> None:
    assert node_red.client()._get("/settings").json()["version"] == "1.3.7"


def test_modules_come_from_tarballs_and_bring_their_types(installed: dict[str, list[str]]) -> None:
    assert installed == {
        f"{PREFIX}core": ["device", "rtp-ext", "self"],
        f"{PREFIX}http-io": ["spm-http-in", "spm-http-out"],
        f"{PREFIX}ffmpeg": ["decoder", "encoder", "packer"],
        f"{PREFIX}file-io": ["cloud-store-in", "cloud-store-out"],
        f"{PREFIX}transition": ["mix"],
    }


def test_installing_twice_is_installing_once(
    node_red: RunningNodeRed, registry: str, installed: dict[str, list[str]]
) -> None:
    (core,) = locate_modules(["core"], Registry(registry))
    assert install(node_red, core)["nodeTypes"] == installed[core.name]
    assert node_red.client().install(core.name, core.version, core.url) is None


def test_a_module_that_nobody_has(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleUnknown, match=f"{PREFIX}broken"):
        install(node_red, Module(f"{PREFIX}broken"))


def test_a_module_that_is_not_on_the_list(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleNotAllowed, match="node-red-node-ping"):
        install(node_red, Module("node-red-node-ping"))


def tarball_of(registry: str, name: str) -> str:
    """Return where a registry has the newest version of a module."""
    found = Registry(registry).find(name, None)
    assert found is not None
    return found.url


def test_a_module_whose_native_build_fails(node_red: RunningNodeRed, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    package = {"name": f"{PREFIX}broken", "version": "1.0.0", "node-red": {"nodes": {"broken": "broken.js"}}}
    # What node-gyp prints of a C++ file, and what npm 6 says after it.
    scripts = {"install": "node -e 'console.error(`../src/a.cc:7:1: error: no type x`); process.exit(1)'"}
    (broken / "package.json").write_text(json.dumps(package | {"scripts": scripts}))
    (broken / "broken.js").write_text("module.exports = () => {}")
    pack_module(broken, tmp_path)
    reason = rf"{PREFIX}broken: 400 .*Install failed: \.\./src/a\.cc:7:1: error: no type x"
    with serve_modules(tmp_path) as url, pytest.raises(ModuleInstallFailed, match=reason):
        node_red.client().install(f"{PREFIX}broken", url=tarball_of(url, f"{PREFIX}broken"))
    assert node_red.client().module(f"{PREFIX}broken") is None


def test_a_native_module_is_built_by_the_headers_that_are_here(
    node_red: RunningNodeRed, tmp_path: Path
) -> None:
    package = {"name": f"{PREFIX}native", "version": "1.0.0", "node-red": {"nodes": {"native": "native.js"}}}
    (tmp_path / "package.json").write_text(json.dumps(package | {"gypfile": True}))
    target = {"target_name": "native", "sources": ["native.cc"]}
    (tmp_path / "binding.gyp").write_text(json.dumps({"targets": [target]}))
    (tmp_path / "native.cc").write_text(
        "#include <node.h>\nstatic void Init(v8::Local<v8::Object>) {}\nNODE_MODULE(native, Init)\n"
    )
    (tmp_path / "native.js").write_text(
        "require('./build/Release/native.node')\n"
        "module.exports = (RED) => RED.nodes.registerType('native', function () {})"
    )
    (tmp_path / "native.html").write_text("<script>RED.nodes.registerType('native', {})</script>")
    pack_module(tmp_path, tmp_path / "packed")
    with serve_modules(tmp_path / "packed") as url:
        tarball = tarball_of(url, f"{PREFIX}native")
        node_red.client().install(f"{PREFIX}native", url=tarball)
    assert install(node_red, Module(f"{PREFIX}native", "1.0.0"))["nodeTypes"] == ["native"]


def test_a_slow_installation_goes_on_and_is_found_done(
    node_red: RunningNodeRed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = {"name": f"{PREFIX}slow", "version": "1.0.0", "node-red": {"nodes": {"slow": "slow.js"}}}
    scripts = {"install": "node -e 'setTimeout(() => {}, 4000)'"}
    (tmp_path / "package.json").write_text(json.dumps(package | {"scripts": scripts}))
    (tmp_path / "slow.js").write_text(
        "module.exports = (RED) => RED.nodes.registerType('slow', function () {})"
    )
    (tmp_path / "slow.html").write_text("<script>RED.nodes.registerType('slow', {})</script>")
    pack_module(tmp_path, tmp_path / "packed")
    with serve_modules(tmp_path / "packed") as url:
        tarball = tarball_of(url, f"{PREFIX}slow")
        with monkeypatch.context() as impatient:
            impatient.setattr(node_red_client, "INSTALL_SECONDS", 1.0)
            with pytest.raises(ModuleInstallUnfinished, match=f"{PREFIX}slow is still being installed"):
                node_red.client().install(f"{PREFIX}slow", url=tarball)
        # The next attempt of the state machine queues behind the first one.
        node_red.client().install(f"{PREFIX}slow", url=tarball)
    assert install(node_red, Module(f"{PREFIX}slow", "1.0.0"))["nodeTypes"] == ["slow"]


def test_a_flow_with_a_type_that_is_missing_is_never_posted(
    node_red: RunningNodeRed, installed: dict[str, list[str]]
) -> None:
    flow = mix_flow(PRODUCTION)
    flow["nodes"].append({"id": "x.1", "type": "fishy", "x": 1, "y": 1, "wires": []})
    with pytest.raises(NodeTypesMissing, match="fishy"):
        deploy(INSTANCE, flow, CREDENTIALS_OF, node_red.client())


def test_flows_are_deployed_once_and_replaced_with_their_dotted_ids(
    node_red: RunningNodeRed, installed: dict[str, list[str]]
) -> None:
    client = node_red.client()
    first = deploy(INSTANCE, mix_flow(PRODUCTION), CREDENTIALS_OF, client)
    assert deploy(INSTANCE, mix_flow(PRODUCTION), CREDENTIALS_OF, client) == first
    assert deploy(INSTANCE, encode_flow(PRODUCTION, "127.0.0.79"), CREDENTIALS_OF, client) == first
    there = {node["id"]: node["type"] for node in client.flows()}
    assert there["encoder.1"] == "encoder"
    assert there["f089bf72.0f764"] == "device"
    assert "mix.1" not in there


def test_nodes_that_do_not_construct_are_named_with_module_version_and_reason(
    node_red: RunningNodeRed, installed: dict[str, list[str]]
) -> None:
    flow = mix_flow(PRODUCTION)
    # http-io 0.1.5, nodes/40-spm-http-out.js:52: the constructor reads pushURL in every mode, and throws.
    next(node for node in flow["nodes"] if node["id"] == "out.1").pop("pushURL")
    with pytest.raises(
        NodesNotConstructed,
        match=rf"without to the encoder \(spm-http-out of {PREFIX}http-io 0\.1\.5\): Cannot read property",
    ):
        deploy(INSTANCE, flow, CREDENTIALS_OF, node_red.client())


@pytest.mark.skipif("ORGANIST_TEST_NPM_DYNAMORSE" not in os.environ, reason="installs dynamorse from npm")
def test_the_real_http_io_comes_from_npm_and_wants_core_first(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # core itself pulls a git dependency from GitHub, so it is not for a test.
    with run_node_red(
        toolchain.DYNAMORSE_FOLDER,
        toolchain.dynamorse_programs(),
        address="127.0.0.80",
        allowed=f"{PREFIX}http-io",
        user_dir=tmp_path_factory.mktemp("real"),
    ) as real:
        with pytest.raises(ModuleInstallFailed, match="spm-http-out: MODULE_NOT_FOUND"):
            install(real, Module(f"{PREFIX}http-io", "0.1.5"))
        module = real.client().module(f"{PREFIX}http-io")
    assert module is not None
    assert module["version"] == "0.1.5"
