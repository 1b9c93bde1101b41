"""Loopback addresses, one for each machine, from 127.0.0.2 on to 127.0.3.254.

An address is claimed by listening on it, so two local clouds on one computer never give out the same one,
and it is free again the moment that its owner ends, in whatever way.
"""

import contextlib
import errno
import socket
import threading
from collections.abc import Iterator

import psutil

from lambdas.runtime import ports
from local_cloud.errors import NoAddressLeftError, PortTakenError

AGENT_PORT = 51678
"""The port of a real ECS agent's own interface; nothing else may use it on a container host."""
MACHINE_PORTS = (ports.NODE_RED, ports.PICTURES)
"""What a machine serves on its address: one on which something else answers there is passed over."""

_ADDRESSES = tuple(f"127.0.{third}.{last}" for third in range(4) for last in range(1, 255))[1:]
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - looked for, never listened on
_TAKEN = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)


def check_machine_ports() -> None:
    """Look whether machines can have the ports that they serve.

    Raises:
        PortTakenError: Somebody listens on one of them at every address, as Docker and Node-RED do.
    """
    for port in MACHINE_PORTS:
        try:
            _bind(_ADDRESSES[-1], port).close()
        except _AddressTakenError:
            holder = _holder_of_every(port)
            if holder is None:
                continue  # that address alone is taken, and passed over
            raise PortTakenError(
                f"Every machine serves on port {port} of an address of its own, and {holder} listens on that "
                "port at every address of this computer. End it, or let it listen on 127.0.0.1 alone."
            ) from None


def _holder_of_every(port: int) -> str | None:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # on macOS only root sees other people's
        return "another program"
    for connection in connections:
        where = connection.laddr  # empty where nothing is bound
        if connection.status != psutil.CONN_LISTEN or not where:
            continue
        if where.port == port and where.ip in _WILDCARDS:
            return _name_of(connection.pid)
    return None


def _name_of(pid: int | None) -> str:
    try:
        return f"{psutil.Process(pid).name()} (process {pid})" if pid else "another program"
    except psutil.Error:
        return f"process {pid}"


class Addresses:
    """Hands out loopback addresses and takes them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[str, socket.socket] = {}

    def claim(self) -> str:
        """The lowest free address; ``NoAddressLeftError`` when there is none."""
        with self._lock:
            for address in _ADDRESSES:
                if address in self._claims:
                    continue
                with contextlib.suppress(_AddressTakenError):
                    self._claims[address] = _listen(address)
                    return address
        raise NoAddressLeftError(
            f"No address of {_ADDRESSES[0]} to {_ADDRESSES[-1]} is free: end other local clouds, "
            "and on macOS make the addresses first (sudo ifconfig lo0 alias 127.0.0.2)."
        )

    def release(self, address: str) -> None:
        """Release an address; one that was not claimed is ignored."""
        with self._lock:
            claim = self._claims.pop(address, None)
        if claim is not None:
            claim.close()

    def release_all(self) -> None:
        """Release every address."""
        with self._lock:
            claims, self._claims = list(self._claims.values()), {}
        for claim in claims:
            claim.close()


class _AddressTakenError(Exception):
    """Somebody else listens on the address, or on a port of it that a machine needs."""


def _listen(address: str) -> socket.socket:
    claim = _bind(address, AGENT_PORT)
    try:
        # Two may bind, as neither listens yet; then the second to listen is refused.
        with _taken_as_such():
            claim.listen(1)
        for port in MACHINE_PORTS:
            _bind(address, port).close()
    except BaseException:
        claim.close()
        raise
    return claim


def _bind(address: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A machine that has just ended leaves closed connections behind, which do not count.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        with _taken_as_such():
            bound.bind((address, port))
    except BaseException:
        bound.close()
        raise
    return bound


@contextlib.contextmanager
def _taken_as_such() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _TAKEN:
            raise _AddressTakenError from error
        raise
