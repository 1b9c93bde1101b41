"""What can be seen of a dynamorse production from outside: its flow is there, and its outputs are open.

dynamorse's own figures go to its logger; its admin API has none.
"""

from collections.abc import Callable

from lambdas.node_red.client import NodeRed
from lambdas.node_red.ports import is_open
from lambdas.production.events import Chain, NodeRedMachine

OUTPUT = "spm-http-out"

Probe = Callable[[str, int], bool]


def chains(machine: NodeRedMachine, node_red: NodeRed, probe: Probe = is_open) -> list[Chain]:
    """Return one chain for each output of the machine's flow: running if its port is open.

    Args:
        machine: Has ``instanceName`` and ``privateAddress``.
        node_red: The client of the machine's Node-RED.
        probe: Tells whether a port of an address is open.
    """
    found: list[Chain] = []
    for node in node_red.flows():
        if node["type"] == OUTPUT:
            port = int(node["port"])
            running = probe(machine["privateAddress"], port)
            found.append(
                {
                    "instanceName": machine["instanceName"],
                    "chain": str(node.get("name") or node["id"]),
                    "state": "running" if running else "closed",
                    "lastError": None if running else f"nothing listens on port {port}",
                }
            )
    return found
