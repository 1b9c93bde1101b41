"""How a function reaches the Node-RED of the machine that its event names."""

from lambdas.node_red.client import NodeRed
from lambdas.production.secrets import node_red_token
from lambdas.runtime.entry import Event, require
from lambdas.runtime.settings import NodeRedSettings


def open_node_red(machine: Event, settings: NodeRedSettings) -> NodeRed:
    """Give the client for a machine.

    Parameters: ``machine`` has ``instanceName``, from which its token derives, and ``privateAddress``.
    Raises: ``InvalidEvent`` if it lacks one.
    """
    require(machine, ["instanceName", "privateAddress"])
    token = node_red_token(settings.secret, machine["instanceName"])
    return NodeRed(machine["privateAddress"], token, settings.port)
