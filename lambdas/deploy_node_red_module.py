"""deployNodeREDModule: the flow on the machine; refused if a node type of it is not installed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lambdas.engines.flow_template import Flow
from lambdas.node_red.access import open_node_red
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import NodesNotConstructed, NodeTypesMissing, UpstreamNotOpen
from lambdas.node_red.ports import check_upstream
from lambdas.production.credentials import node_credentials
from lambdas.production.events import DeployEvent
from lambdas.runtime import polling
from lambdas.runtime.entry import Result, entry_point, require
from lambdas.runtime.polling import poll
from lambdas.runtime.settings import NodeRedSettings

RESERVED_TYPES = {"tab", "group", "subflow"}  # Node-RED's own; no module has them
CredentialsOf = Callable[[Mapping[str, Any]], dict[str, str]]
"""Gives a node's credentials, empty for one that needs none."""


@entry_point
def handler(event: DeployEvent) -> Result:
    """Deploy a flow, or give the one that is there if it is the same.

    Args:
        event: ``{"instanceName", "privateAddress", "flow"}`` and, in a production, ``production``, whose id
            both ends of the link and the live sources derive their secrets from, and ``upstream``
            (``{"address", "port"}``, or empty), which has to be open before.

    Raises:
        UpstreamNotOpen: ``upstream`` is not open yet.
        NodeTypesMissing: The flow uses node types that no installed module has.
        FlowRefused: Node-RED did not take the flow.
        NodesNotConstructed: Node-RED took the flow and runs it without some of its nodes.
    """
    require(event, ["instanceName", "privateAddress", "flow"])
    upstream = event.get("upstream")
    if upstream:
        address, port = upstream["address"], int(upstream["port"])
        poll(lambda: check_upstream(address, port), UpstreamNotOpen, polling.NODE_RED)
    settings = NodeRedSettings.from_env()
    production_id = event["production"]["productionId"] if event.get("production") else ""
    credentials_of = partial(node_credentials, settings.secret, production_id)
    return deploy(event["instanceName"], event["flow"], credentials_of, open_node_red(event, settings))


def deploy(instance_name: str, flow: Flow, credentials_of: CredentialsOf, node_red: NodeRed) -> Result:
    """Return the id of the flow on the machine, deployed if it was not there or was another."""
    _check_types(instance_name, flow, node_red)
    nodes = node_red.flows()
    there = next(
        (node for node in nodes if node["type"] == "tab" and node.get("label") == flow["label"]), None
    )
    # Read before the credentials go in: Node-RED never gives credentials back.
    same = there is not None and _is_deployed(flow, nodes)
    if there is not None and same:
        flow_id = str(there["id"])
    elif there is not None:
        flow_id = node_red.replace_flow(there["id"], _with_credentials(flow, credentials_of))
    else:
        flow_id = node_red.add_flow(_with_credentials(flow, credentials_of))
    poll(lambda: _check_constructed(instance_name, flow, node_red), NodesNotConstructed, polling.NODE_RED)
    return {"instanceName": instance_name, "flowId": flow_id, "label": flow["label"]}


def _check_types(instance_name: str, flow: Flow, node_red: NodeRed) -> None:
    # Node-RED answers 200 for a flow with unknown types, runs nothing and blocks every later flow.
    wanted = {node["type"] for node in [*flow["nodes"], *flow.get("configs", [])]}
    missing = sorted(
        node_type
        for node_type in wanted - RESERVED_TYPES - node_red.node_types()
        if not node_type.startswith("subflow:")
    )
    if missing:
        raise NodeTypesMissing(f"{instance_name} has no node type {', '.join(missing)}.")


def _check_constructed(instance_name: str, flow: Flow, node_red: NodeRed) -> None:
    # Node-RED answers 200 for a flow whose nodes throw in their constructors, and runs the rest; it answers
    # before it has started all of them, so the caller looks again.
    ids = {node["id"] for node in [*flow["nodes"], *flow.get("configs", [])]}
    missing = [node for node in node_red.missing_nodes() if node["id"] in ids]
    if not missing:
        return
    modules = node_red.modules_of_types()
    told = "; ".join(
        f"{node['name'] or node['id']} ({node['type']} of {modules.get(node['type'], 'no module')}): "
        f"{node['error'] or 'no error was told'}"
        for node in missing
    )
    raise NodesNotConstructed(f"{instance_name} runs the flow {flow['label']} without {told}.")


def _is_deployed(flow: Flow, nodes: list[dict[str, Any]]) -> bool:
    deployed = {node["id"]: node for node in nodes}
    return all(
        deployed.get(node["id"], {}).get(key) == value
        for node in [*flow["nodes"], *flow.get("configs", [])]
        for key, value in node.items()
        if key != "z"
    )


def _with_credentials(flow: Flow, credentials_of: CredentialsOf) -> Flow:
    nodes = []
    for node in flow["nodes"]:
        credentials = credentials_of(node)
        nodes.append(node | {"credentials": credentials} if credentials else node)
    return flow | {"nodes": nodes}
