"""The functions that talk to Node-RED, against the real one: every answer has its name."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lambdas.check_production import check_production
from lambdas.deploy_node_red_module import deploy
from lambdas.install_node_red_module import install_module
from lambdas.modules.npm_registry import Registry
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import (
    FlowRefused,
    ModuleInstallFailed,
    ModuleNotAllowed,
    ModuleNotInImage,
    ModuleUnknown,
    ModuleVersionConflict,
    NodeREDUnauthorised,
    NodeREDUnreachable,
    NodesNotConstructed,
    NodeTypesMissing,
    NotOnAirYet,
)
from lambdas.production.credentials import node_credentials
from local_cloud.npm_registry import serve_modules
from tests.node_red.conftest import ADDRESS
from tests.node_red.running import INSTANCE, RunningNodeRed, free_port
from tests.support.npm_pack import pack_module

CREDENTIALS_OF = partial(node_credentials, "secret", "production")
RANDOM = "node-red-node-random"
FLOW: dict[str, Any] = {
    "label": "noise",
    "nodes": [
        {
            "id": "dice.1",
            "type": "inject",
            "name": "dice",
            "x": 100,
            "y": 80,
            "wires": [["out.1"]],
            "topic": "",
        },
        {"id": "out.1", "type": "debug", "name": "out", "x": 300, "y": 80, "wires": []},
    ],
    "configs": [],
}


def install(node_red: RunningNodeRed, **fields: object) -> dict[str, Any]:
    return install_module(node_red.event(**fields), node_red.client())


def test_nobody_home() -> None:
    client = NodeRed(ADDRESS, "token", free_port(ADDRESS))
    with pytest.raises(NodeREDUnreachable, match="got no answer"):
        client.node_types()


def test_a_wrong_token_is_refused(node_red: RunningNodeRed) -> None:
    client = NodeRed(node_red.address, "wrong", node_red.settings.port)
    with pytest.raises(NodeREDUnauthorised, match="401"):
        client.node_types()
    with pytest.raises(NodeREDUnauthorised):
        client.install(RANDOM)
    with pytest.raises(NodeREDUnauthorised):
        client.add_flow(FLOW)


def test_a_module_that_npm_does_not_have(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleUnknown, match="organist-no-such-module"):
        install(node_red, moduleName="organist-no-such-module")


def test_a_module_that_is_not_on_the_list(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleNotAllowed, match="node-red-node-ping"):
        install(node_red, moduleName="node-red-node-ping")


def test_a_version_that_npm_does_not_have(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleUnknown, match=f"{RANDOM}@99.0.0"):
        install(node_red, moduleName=RANDOM, version="99.0.0")


def test_a_package_without_nodes(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleInstallFailed):
        install(node_red, moduleName="is-number", version="7.0.0")


def test_a_module_whose_native_build_fails(node_red: RunningNodeRed, tmp_path: Path) -> None:
    broken = tmp_path / "node-red-node-broken"
    broken.mkdir()
    nodes = {"broken": "broken.js"}
    package = {"name": broken.name, "version": "1.0.0", "files": ["broken.js"], "node-red": {"nodes": nodes}}
    scripts = {"install": "node --eval 'console.error(`gyp ERR! build error`); process.exit(1)'"}
    (broken / "package.json").write_text(json.dumps(package | {"scripts": scripts}))
    (broken / "broken.js").write_text("module.exports = () => {}")
    pack_module(broken, tmp_path)
    with serve_modules(tmp_path) as url:
        found = Registry(url).find(broken.name, None)
        assert found is not None
        with pytest.raises(ModuleInstallFailed, match=broken.name):
            node_red.client().install(broken.name, url=found.url)
    assert node_red.client().module(broken.name) is None


def test_a_module_that_an_older_image_lacks(node_red: RunningNodeRed) -> None:
    with pytest.raises(ModuleNotInImage, match="node-red-contrib-organist-media comes with the image"):
        install(node_red, moduleName="node-red-contrib-organist-media")


def test_installing_twice_is_installing_once(node_red: RunningNodeRed) -> None:
    first = install(node_red, moduleName=RANDOM, version="0.4.1")
    assert first == {
        "instanceName": INSTANCE,
        "moduleName": RANDOM,
        "version": "0.4.1",
        "nodeTypes": ["random"],
    }
    assert install(node_red, moduleName=RANDOM, version="0.4.1") == first
    assert install(node_red, moduleName=RANDOM) == first
    # Both answers of Node-RED to a module that is there: through POST /nodes too, as after a lost answer.
    assert node_red.client().install(RANDOM, "0.4.1") is None

    with pytest.raises(ModuleVersionConflict, match=r"0\.4\.1 is loaded; expected 0\.4\.0"):
        install(node_red, moduleName=RANDOM, version="0.4.0")


def test_a_node_that_does_not_construct_is_named(node_red: RunningNodeRed) -> None:
    # Node-RED's own change node reads its rules in its constructor.
    faulty = {
        "id": "turn.1",
        "type": "change",
        "name": "turn",
        "rules": [None],
        "x": 1,
        "y": 1,
        "wires": [[]],
    }
    flow = {"label": "broken", "nodes": [faulty], "configs": []}
    with pytest.raises(
        NodesNotConstructed, match=r"without turn \(change of node-red .*\): Cannot read prop"
    ):
        deploy(INSTANCE, flow, CREDENTIALS_OF, node_red.client())


def test_a_flow_with_an_unknown_type_is_never_posted(node_red: RunningNodeRed) -> None:
    flow = FLOW | {"nodes": [*FLOW["nodes"], {"id": "x", "type": "media-mixer", "x": 1, "y": 1, "wires": []}]}
    before = node_red.client().flows()
    with pytest.raises(NodeTypesMissing, match="media-mixer"):
        deploy(INSTANCE, flow, CREDENTIALS_OF, node_red.client())
    assert node_red.client().flows() == before


def test_deploying_twice_is_deploying_once(node_red: RunningNodeRed) -> None:
    client = node_red.client()
    first = deploy(INSTANCE, FLOW, CREDENTIALS_OF, client)
    assert deploy(INSTANCE, FLOW, CREDENTIALS_OF, client) == first

    renamed = FLOW | {"nodes": [FLOW["nodes"][0] | {"name": "other"}, FLOW["nodes"][1]]}
    assert deploy(INSTANCE, renamed, CREDENTIALS_OF, client) == first

    tabs = [node for node in client.flows() if node["type"] == "tab" and node["label"] == "noise"]
    names = [node["name"] for node in client.flows() if node["type"] == "inject"]
    assert len(tabs) == 1
    assert names == ["other"]


def test_a_flow_that_node_red_refuses(node_red: RunningNodeRed) -> None:
    deploy(INSTANCE, FLOW, CREDENTIALS_OF, node_red.client())
    with pytest.raises(FlowRefused, match="duplicate id"):
        node_red.client().add_flow(FLOW | {"label": "copy"})


def test_a_machine_without_media_nodes_is_not_on_air(node_red: RunningNodeRed) -> None:
    event: Any = {"machines": [node_red.event()]}
    with pytest.raises(NotOnAirYet, match="media nodes are not loaded"):
        check_production(event, lambda _: node_red.client(), datetime.now(UTC))
