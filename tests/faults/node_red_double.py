"""Node-RED's admin API as far as the functions use it, with the answers that the real one gives."""

import json
from collections.abc import Iterable
from hashlib import sha256
from http.server import ThreadingHTTPServer
from typing import Any

from local_cloud.paths import REPOSITORY
from tests.faults.recording_double import begin_publication, begin_recording
from tests.support.json_server import Answer, answering

FRAMES_A_POLL = 25
_MANIFEST = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "package.json"


def chain_metrics(name: str, frames: int) -> dict[str, Any]:
    """One chain as `GET /production/metrics` shows it."""
    numbers = {"frameRate": 25.0, "bitRate": 3000000, "droppedFrames": 0, "duplicatedFrames": 0}
    numbers |= {"linkLatencyMs": 310.5, "linkLostPackets": 0, "linkReconnects": 0}
    numbers |= {"integratedLufs": -23.0, "truePeakDbtp": -6.1}
    named = {"chain": name, "state": "running", "frames": frames, "pid": 1}
    return numbers | named | {"speed": 1.0, "restarts": 0, "lastError": None}


def _module(name: str, version: str, types: Iterable[str]) -> dict[str, Any]:
    node_sets = [{"id": f"{name}/{one}", "name": one, "types": [one]} for one in types]
    return {"name": name, "version": version, "nodes": node_sets}


class NodeRedDouble:
    """One machine's Node-RED: its modules, its flows, and chains that deliver as soon as a flow is there.

    Args:
        environment: The container's.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.address = environment["NODE_RED_HOST"]
        self.port = int(environment["PORT"])
        self.name = environment["INSTANCE_NAME"]
        self.production_id = environment["PRODUCTION_ID"]
        self._token = environment["NODE_RED_TOKEN_SHA256"]
        self._allowed = environment["NODE_RED_ALLOW_MODULES"].split(",")
        own = json.loads(_MANIFEST.read_text())
        self._modules = {own["name"]: _module(own["name"], own["version"], own["node-red"]["nodes"])}
        self._flows: list[dict[str, Any]] = []
        self._frames = 0
        self._environment = environment
        self._recorded: set[str] = set()
        self._is_publishing = False

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """Return the status and the JSON of the answer to a request."""
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if sha256(token.encode()).hexdigest() != self._token:
            return 401, {"error": "unauthorized"}
        if method == "GET":
            message = self._told(path)
            return (404, {"code": "not_found", "message": path}) if message is None else (200, message)
        if path == "/nodes":
            return self._install(body)
        return self._deploy(json.loads(body), path.removeprefix("/flow").removeprefix("/"))

    def _told(self, path: str) -> Any:
        if path == "/nodes":
            return self._node_sets()
        if path == "/flows":
            return self._flows
        if path == "/production/installation":
            return {"reason": None}
        if path == "/production/flow":
            return {"missing": []}
        if path == "/production/metrics":
            return self._metrics()
        return self._modules.get(path.removeprefix("/nodes/"))

    def _node_sets(self) -> list[dict[str, Any]]:
        return [
            node_set | {"enabled": True} for module in self._modules.values() for node_set in module["nodes"]
        ]

    def _install(self, body: bytes) -> Answer:
        asked = json.loads(body)
        name, version = asked["module"], asked.get("version", "1.0.0")
        if name not in self._allowed:
            return 400, {"code": "install_not_allowed", "message": name}
        if name in self._modules:
            return 400, {"code": "module_already_loaded", "message": "Module already loaded"}
        self._modules[name] = _module(name, version, [name])
        return 200, self._modules[name]

    def _deploy(self, flow: dict[str, Any], flow_id: str) -> Answer:
        nodes = [*flow["nodes"], *flow.get("configs", [])]
        others = [node for node in self._flows if flow_id not in (node.get("z"), node["id"])]
        if {node["id"] for node in nodes} & {node["id"] for node in others}:
            return 400, {"code": "unexpected_error", "message": "duplicate id"}
        tab = flow_id or f"tab-{len(self._flows)}"
        # Credentials go in and never come out.
        kept = [{key: value for key, value in node.items() if key != "credentials"} for node in nodes]
        deployed = [{"id": tab, "type": "tab", "label": flow["label"]}, *(one | {"z": tab} for one in kept)]
        self._flows = [*others, *deployed]
        self._record(nodes)
        return 200, {"id": tab}

    def _record(self, nodes: list[dict[str, Any]]) -> None:
        for node in nodes:
            location = node.get("location", "") if node["type"] == "media-file-out" else ""
            if location and location not in self._recorded:
                self._recorded.add(location)
                begin_recording(location, self._environment)
            if node["type"] == "media-hls-out" and node.get("publish") and not self._is_publishing:
                self._is_publishing = True
                begin_publication(node["publish"], self._environment)

    def _metrics(self) -> dict[str, Any]:
        self._frames += FRAMES_A_POLL
        chains = [chain_metrics(node["label"], self._frames) for node in self._flows if node["type"] == "tab"]
        return {"instanceName": self.name, "productionId": self.production_id, "chains": chains}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def serve(double: NodeRedDouble) -> ThreadingHTTPServer:
    """Listen on the double's address; the caller serves and closes it."""
    return _Server((double.address, double.port), answering(double.answer))
