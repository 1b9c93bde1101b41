"""What reaches a production's mixer from outside: which sources are live, which port each listens on."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambdas.runtime import ports

SRT, RTMP, RTP = "srt", "rtmp", "rtp"
LIVE = (SRT, RTMP, RTP)
GRAINS = "grains"
"""dynamorse's own live source."""
LISTENER, CALLER = "listener", "caller"
RTMP_APP = "live"
"""The application that RTMP senders name; their stream keys tell them apart."""


def source_name(number: int, source: Mapping[str, Any]) -> str:
    """Return what a source is called.

    Args:
        number: Its place in the document, from 1; the mixer's bus.
        source: The source, which may have no name.
    """
    return str(source.get("name") or f"bus {number}")


def is_caller(source: Mapping[str, Any]) -> bool:
    """Return whether the mixer machine calls the sender."""
    return source["kind"] == SRT and source.get("mode") == CALLER


def listening_port(number: int, source: Mapping[str, Any]) -> int | None:
    """Return the port on which a source waits for its sender; None for one that waits for none.

    Args:
        number: Its place in the document, from 1.
        source: The source.
    """
    if is_caller(source):
        return None
    waiting = {SRT: ports.SRT_IN[number - 1], RTMP: ports.RTMP_IN, RTP: ports.RTP_IN[number - 1]}
    return waiting.get(source["kind"])


def cut_off_sources(sources: Sequence[Mapping[str, Any]], network: str) -> Iterator[str]:
    """Yield which live sources of a valid document nothing can reach, through the machines' security group.

    Args:
        sources: The document's.
        network: The deployment's --contribution-cidr; empty where it has none.
    """
    for number, source in enumerate(sources):
        if source["kind"] not in (*LIVE, GRAINS):
            continue
        path = f"$.sources[{number}]"
        if not network:
            yield (
                f'{path}.kind is "{source["kind"]}", and this deployment is open to no live source; expected '
                "another kind, or a deployment by organist deploy --contribution-cidr with their network"
            )
        elif is_caller(source) and is_outside(source["address"], network):
            yield (
                f'{path}.address is "{source["address"]}", where the mixer machine may not call; expected '
                f"one of {network}, or a deployment by organist deploy --contribution-cidr with its network"
            )


def is_outside(address: str, network: str) -> bool:
    """Return whether an IPv4 address is outside of a network; a host's name never is."""
    try:
        known = ipaddress.IPv4Address(address)
    except ValueError:
        return False  # a host's name: where it leads is known when it is called
    return known not in ipaddress.IPv4Network(network, strict=False)
