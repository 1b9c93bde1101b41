"""Node-RED's admin API: one method a call, every answer that is not success a named error.

https://nodered.org/docs/api/admin/methods/
"""

from typing import Any
from urllib.parse import quote

import requests

from lambdas.node_red.errors import (
    FlowRefused,
    ModuleInstallFailed,
    ModuleInstallUnfinished,
    ModuleNotAllowed,
    ModuleUnknown,
    NodeREDAnswerUnknown,
    NodeREDUnauthorised,
    NodeREDUnreachable,
)
from lambdas.runtime import ports

CONNECT_SECONDS = 3.05
ANSWER_SECONDS = 10.0
INSTALL_SECONDS = 270.0  # npm answers when it is done; below the function's own timeout

NOT_FOUND = 404
FIRST_REFUSAL = 400
FIRST_SERVER_ERROR = 500


class NodeRed:
    """The Node-RED of one machine.

    Args:
        address: The machine's private address.
        token: Its Bearer token.
        port: The TCP port of its admin API.
    """

    def __init__(self, address: str, token: str, port: int = ports.NODE_RED) -> None:
        """Open no connection: the first call does."""
        self._base = f"http://{address}:{port}"
        self._session = requests.Session()
        self._session.trust_env = False  # the machine is next door: never by way of a proxy
        # Without Accept, GET /nodes answers with the editor's HTML.
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def node_types(self) -> set[str]:
        """Return the types of node that installed modules have and that loaded without an error."""
        node_sets: list[dict[str, Any]] = self._get("/nodes").json()
        return {
            node_type
            for node_set in node_sets
            if node_set.get("enabled") and not node_set.get("err")
            for node_type in node_set["types"]
        }

    def modules_of_types(self) -> dict[str, str]:
        """Return the module and version that each type of node comes from, as ``name version``."""
        return {
            node_type: f"{node_set['module']} {node_set.get('version', '')}".strip()
            for node_set in self._get("/nodes").json()
            for node_type in node_set["types"]
        }

    def missing_nodes(self) -> list[dict[str, Any]]:
        """Return the nodes of the deployed flows that were not constructed.

        Each has ``id``, ``type``, ``name`` and ``error``, what its constructor threw.
        """
        missing: list[dict[str, Any]] = self._get("/production/flow").json()["missing"]
        return missing

    def module(self, name: str) -> dict[str, Any] | None:
        """Return an installed module as Node-RED reports it, or None."""
        answer = self._call("GET", f"/nodes/{quote(name, safe='@/')}")
        if answer.status_code == NOT_FOUND:
            return None
        return self._success(answer)

    def install(self, name: str, version: str | None = None, url: str | None = None) -> dict[str, Any] | None:
        """Install a module from npm or from a tarball's URL.

        Returns:
            The module as Node-RED reports it, None if it was there already.

        Raises:
            ModuleUnknown: The npm registry has no such module or version.
            ModuleInstallFailed: npm could not install the module: no such version, a failed native build, or
                no Node-RED module.
            ModuleNotAllowed: The module is not on the allow list that the machine was started with.
            ModuleInstallUnfinished: The installation takes longer than the function waits for an answer; npm
                goes on with it.
        """
        request = {"module": name, "version": version, "url": url}
        body = {key: value for key, value in request.items() if value}
        return self._installed(f"{name}@{version}" if version else name, self._call_install(name, json=body))

    def flows(self) -> list[dict[str, Any]]:
        """Return every node of every flow, tabs among them."""
        nodes: list[dict[str, Any]] = self._get("/flows").json()
        return nodes

    def add_flow(self, flow: dict[str, Any]) -> str:
        """Add a flow; return its id. ``FlowRefused`` if Node-RED does not take it."""
        return self._deployed(flow, self._call("POST", "/flow", json=flow))

    def replace_flow(self, flow_id: str, flow: dict[str, Any]) -> str:
        """Put a flow in the place of the one with the id; return the id. ``FlowRefused`` as above."""
        return self._deployed(flow, self._call("PUT", f"/flow/{quote(flow_id)}", json=flow | {"id": flow_id}))

    def metrics(self) -> dict[str, Any]:
        """Return the statistics of the machine's media chains, as the media nodes report them."""
        answer = self._call("GET", "/production/metrics")
        if answer.status_code == NOT_FOUND:
            raise NodeREDUnreachable(
                f"{self._base} has no /production/metrics: the media nodes are not loaded."
            )
        return self._success(answer)

    def _get(self, path: str) -> requests.Response:
        answer = self._call("GET", path)
        self._success(answer)
        return answer

    def _call_install(self, name: str, **body: Any) -> requests.Response:
        try:
            return self._call("POST", "/nodes", answer_seconds=INSTALL_SECONDS, **body)
        except requests.ReadTimeout as error:
            message = f"{name} is still being installed after {INSTALL_SECONDS:.0f} s."
            raise ModuleInstallUnfinished(message) from error

    def _call(
        self, method: str, path: str, *, answer_seconds: float = ANSWER_SECONDS, **body: Any
    ) -> requests.Response:
        try:
            answer = self._session.request(
                method, self._base + path, timeout=(CONNECT_SECONDS, answer_seconds), **body
            )
        except requests.ReadTimeout as error:
            if answer_seconds == INSTALL_SECONDS:
                raise
            raise NodeREDUnreachable(f"{method} {self._base}{path} got no answer in time.") from error
        except requests.RequestException as error:
            reason = type(error).__name__
            raise NodeREDUnreachable(f"{method} {self._base}{path} got no answer ({reason}).") from error
        if answer.status_code in (401, 403):
            raise NodeREDUnauthorised(f"{method} {self._base}{path} answered {answer.status_code}.")
        if answer.status_code >= FIRST_SERVER_ERROR:
            raise NodeREDUnreachable(f"{method} {self._base}{path} answered {answer.status_code}.")
        return answer

    def _success(self, answer: requests.Response) -> dict[str, Any]:
        if answer.status_code >= FIRST_REFUSAL:
            raise NodeREDAnswerUnknown(f"{answer.request.method} {answer.url} answered {_told(answer)}.")
        try:
            body: dict[str, Any] = answer.json()
        except ValueError as error:
            raise NodeREDAnswerUnknown(f"{answer.request.method} {answer.url} answered no JSON.") from error
        return body

    def _installed(self, name: str, answer: requests.Response) -> dict[str, Any] | None:
        if answer.status_code < FIRST_REFUSAL:
            return self._success(answer)
        code = _error_code(answer)
        if code == "module_already_loaded":
            return None
        if answer.status_code == NOT_FOUND:
            raise ModuleUnknown(f"npm has no module {name}.")
        if code == "install_not_allowed":
            raise ModuleNotAllowed(f"{name} may not be installed on this machine.")
        reason = self._get("/production/installation").json()["reason"]
        told = f"{_told(answer)}: {reason}" if reason else _told(answer)
        raise ModuleInstallFailed(f"Node-RED could not install {name}: {told}.")

    def _deployed(self, flow: dict[str, Any], answer: requests.Response) -> str:
        if answer.status_code >= FIRST_REFUSAL:
            raise FlowRefused(f"Node-RED refused the flow {flow.get('label')}: {_told(answer)}.")
        return str(self._success(answer)["id"])


def _error_code(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def _told(answer: requests.Response) -> str:
    # Some refusals are an HTML page: its status says as much as its text.
    try:
        body = answer.json()
    except ValueError:
        return str(answer.status_code)
    message = body.get("message", "") if isinstance(body, dict) else ""
    return f"{answer.status_code} {_error_code(answer)} {message}".strip()
