"""What reaches a production's mixer from outside: which sources are live, which port each listens on."""

from collections.abc import Mapping
from typing import Any

from lambdas.runtime import ports

SRT, RTMP, RTP = "srt", "rtmp", "rtp"
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
