"""Where else a production's programme goes: what is refused, and which port a listener has."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from lambdas.production.contribution import LISTENER, RTMP, RTP, SRT, is_outside
from lambdas.production.quoting import HIDDEN
from lambdas.runtime import ports

OPEN_TO_ALL = {443, 80}
"""TCP: where the machines may call anybody, as template.yaml's security group has it."""
STANDARD_PORTS = {"rtmp": ports.RTMP_IN, "rtmps": 443}
SECRETS = ("keySecret", "passphraseSecret")
NOT_OF = {
    RTMP: ("mode", "address", "port", "streamId", "passphraseSecret"),
    RTP: ("url", "keySecret", "mode", "streamId", "passphraseSecret"),
    SRT: ("url", "keySecret"),
}
"""Properties that a kind of destination has not."""


def destination_name(number: int, destination: Mapping[str, Any]) -> str:
    """Return what a destination is called.

    Args:
        number: Its place in the document, from 1.
        destination: The destination, which may have no name.
    """
    return str(destination.get("name") or f"destination {number}")


def waits_for_calls(destination: Mapping[str, Any]) -> bool:
    """Return whether receivers call the encoder machine."""
    return destination["kind"] == SRT and destination.get("mode") == LISTENER


def destination_port(number: int, destination: Mapping[str, Any]) -> int | None:
    """Return the port to which a destination is sent, or on which it waits; None for one with a URL.

    Args:
        number: Its place in the document, from 1.
        destination: The destination.
    """
    if waits_for_calls(destination):
        return ports.SRT_OUT[number - 1]
    return destination.get("port")


def destination_mistakes(destinations: Sequence[Mapping[str, Any]], codec: str) -> Iterator[str]:
    """Yield what contradicts itself in the destinations of a valid document.

    Args:
        destinations: The document's.
        codec: The programme's.
    """
    counted = Counter(destination_name(number, one) for number, one in enumerate(destinations, start=1))
    for name, count in counted.items():
        if count > 1:
            yield (
                f'$.output.destinations has {count} destinations with the name "{name}"; expected a name of '
                "its own for each"
            )
    for index, destination in enumerate(destinations):
        if destination.get("port", ports.LEAST_OUT) < ports.LEAST_OUT:
            yield (
                f"$.output.destinations[{index}].port is {destination['port']}; expected one from "
                f"{ports.LEAST_OUT} on, to which the machines may send"
            )
        yield from _superfluous(f"$.output.destinations[{index}]", index + 1, destination)
        if destination["kind"] == RTMP and codec == "hevc":
            yield (
                f'$.output.destinations[{index}].kind is "rtmp" with $.encode.codec "hevc"; expected h264, '
                "which every RTMP server takes, or another kind"
            )


def _superfluous(path: str, number: int, destination: Mapping[str, Any]) -> Iterator[str]:
    for name in NOT_OF[destination["kind"]]:
        if name in destination and (name, destination[name]) != ("mode", "caller"):
            yield f"{path}.{name} is given; expected none for kind {destination['kind']}"
    if not waits_for_calls(destination):
        return
    for name in ("address", "port", "passphraseSecret", "streamId"):
        if name in destination:
            yield (
                f"{path}.{name} is given, and this destination waits for its receivers, on port "
                f"{ports.SRT_OUT[number - 1]}; expected none, or mode caller"
            )


def cut_off_destinations(destinations: Sequence[Mapping[str, Any]], network: str) -> Iterator[str]:
    """Yield which destinations nothing reaches, through the machines' security group.

    Args:
        destinations: The document's.
        network: The deployment's --destination-cidr; empty where it has none.
    """
    for index, destination in enumerate(destinations):
        path, host = f"$.output.destinations[{index}]", _host(destination)
        if destination["kind"] == RTMP and _port(destination) in OPEN_TO_ALL:
            continue
        if not network:
            yield (
                f'{path}.kind is "{destination["kind"]}", and this deployment may send nowhere by it; '
                "expected rtmps on port 443, or a deployment by organist deploy --destination-cidr with its "
                "network"
            )
        elif destination["kind"] == RTMP and _port(destination) != ports.RTMP_IN:
            yield f"{path}.url is {HIDDEN}; expected a server on port {ports.RTMP_IN}, 443 or 80"
        elif host and is_outside(host, network):
            yield (
                f"{path} leads to {host}, where the encoder machine may not send; expected one of {network}, "
                "or a deployment by organist deploy --destination-cidr with its network"
            )


def _host(destination: Mapping[str, Any]) -> str:
    url = destination.get("url")
    return str(urlsplit(url).hostname if url else destination.get("address", ""))


def _port(destination: Mapping[str, Any]) -> int:
    parts = urlsplit(destination["url"])
    return parts.port or STANDARD_PORTS[parts.scheme]
