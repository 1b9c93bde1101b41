"""What the documents of chains and processes say, read so that a wrong one does no harm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from organist.metrics.documents import Record


@dataclass(frozen=True)
class ChainFigures:
    """One document of a media chain; what it does not say is None."""

    production: str
    machine: str
    chain: str
    state: str
    at: datetime
    frames: float | None
    dropped_frames: float | None
    frame_rate: float | None  # frames/s
    bit_rate: float | None  # bit/s
    speed: float | None  # 1 is real time
    link_latency_ms: float | None  # from picture to picture, as the encoder machine measures it
    link_lost_packets: float | None
    link_reconnects: float | None
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    restarts: float | None

    @property
    def name(self) -> str:
        """The machine's name, with the chain's where that is not how the machine's begins."""
        return self.machine if self.machine.startswith(self.chain) else f"{self.machine} {self.chain}".strip()


@dataclass(frozen=True)
class ProcessFigures:
    """One document of a Node-RED process; dynamorse's name neither production nor machine."""

    production: str
    machine: str
    pid: float | None
    memory: float | None  # bytes of resident memory


@dataclass(frozen=True)
class NodeFigures:
    """One document of a node of dynamorse's."""

    pid: float | None
    node: str
    kind: str
    at: datetime
    grains: float | None  # in the last second
    work: float | None  # ms a grain; None where there was none, or dynamorse's figure has overflown
    waiting: float | None  # grains


def chain_figures(record: Record) -> ChainFigures | None:
    """Return what a record says of a chain; None if it is about something else."""
    media = _part(record, "media")
    if media is None:
        return None
    return ChainFigures(
        production=_text(media, "productionId"),
        machine=_text(media, "instanceName"),
        chain=_text(media, "chain"),
        state=_text(media, "state"),
        at=datetime.fromisoformat(record.received),
        frames=_number(media, "frames"),
        dropped_frames=_number(media, "droppedFrames"),
        frame_rate=_number(media, "frameRate"),
        bit_rate=_number(media, "bitRate"),
        speed=_number(media, "speed"),
        link_latency_ms=_number(media, "linkLatencyMs"),
        link_lost_packets=_number(media, "linkLostPackets"),
        link_reconnects=_number(media, "linkReconnects"),
        integrated_lufs=_number(media, "integratedLufs"),
        true_peak_dbtp=_number(media, "truePeakDbtp"),
        restarts=_number(media, "restarts"),
    )


def process_figures(record: Record) -> ProcessFigures | None:
    """Return what a record says of a Node-RED process; None if it is about something else."""
    process = _part(record, "nodeJS")
    if process is None:
        return None
    names = _text(process, "productionId"), _text(process, "instanceName")
    return ProcessFigures(*names, pid=_number(process, "pid"), memory=_number(process, "rss"))


def node_figures(record: Record) -> NodeFigures | None:
    """Return what a record says of a node of dynamorse's; None if it is about something else."""
    node = _part(record, "redioactive")
    if node is None:
        return None
    work = _number(node, "nodeWorkAvg")
    return NodeFigures(
        pid=_number(node, "pid"),
        node=_text(node, "nodeName"),
        kind=_text(node, "redioType"),
        at=datetime.fromisoformat(record.received),
        grains=_number(node, "grainFlow"),
        # It is counted in ns in 32 bits, so a grain of over 2.1 s makes it negative; 0 without any.
        work=None if work is None or work <= 0 else work / 1e6,
        waiting=_number(node, "bufferLength"),
    )


def _part(record: Record, kind: str) -> Mapping[str, Any] | None:
    part = record.document.get(kind)
    return part if isinstance(part, dict) else None


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    # It goes to a terminal, which control characters could play tricks with.
    return "".join(filter(str.isprintable, value)) if isinstance(value, str) else ""


def _number(part: Mapping[str, Any], name: str) -> float | None:
    value = part.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
