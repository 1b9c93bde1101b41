"""How a function reaches the Node-RED of the machine that its event names."""

from lambdas.node_red.client import NodeRed
from lambdas.production.events import NodeRedMachine
from lambdas.production.secrets import node_red_token
from lambdas.runtime.entry import require
from lambdas.runtime.settings import NodeRedSettings


def open_node_red(machine: NodeRedMachine, settings: NodeRedSettings) -> NodeRed:
    """Return the client for a machine.

    Args:
        machine: Has ``instanceName``, from which its token derives, and ``privateAddress``.
        settings: The stack's, whose secret the token derives from.

    Raises:
        InvalidEvent: It lacks one.
    """
    require(machine, ["instanceName", "privateAddress"])
    token = node_red_token(settings.secret, machine["instanceName"])
    return NodeRed(machine["privateAddress"], token, settings.port)
