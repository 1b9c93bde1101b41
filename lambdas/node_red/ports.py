"""Whether a machine's port is open: one attempt, no waiting."""

import socket

from lambdas.node_red.errors import UpstreamNotOpen

CONNECT_SECONDS = 2.0


def is_open(address: str, port: int) -> bool:
    """Return whether something listens.

    Args:
        address: A machine's private address.
        port: The TCP port.
    """
    try:
        socket.create_connection((address, port), timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def check_upstream(address: str, port: int) -> None:
    """Raise ``UpstreamNotOpen`` if nothing listens yet where a flow would pull from."""
    if not is_open(address, port):
        raise UpstreamNotOpen(f"Nothing listens at {address}:{port} yet.")
