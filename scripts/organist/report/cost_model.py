"""What a production costs: amounts of what AWS counts, times a dated price table.

Uncertain by nature: prices change and differ by region, tax and free tier are left out, and so is the traffic
to whoever watches. It is good for telling cents from euros, no more.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from organist.command_errors import CommandError

PRICES_FILE = Path(__file__).with_name("prices.json")
SHORTEST_INSTANCE_SECONDS = 60  # what EC2 charges at the least
FUNCTION_GB = 0.25  # memory of most functions; those with more are called least
FUNCTION_SECONDS = 0.5  # a call, cold starts spread over many; measured 0.05 to 1.5 s
WAITED_SECONDS = 80  # a machine, within calls: while it boots, pulls its image, and ends
LOG_BYTES_A_CALL = 1_500  # two lines of the function and Lambda's own three
LOG_BYTES_A_TRANSITION = 1_000  # the state machine's own log
USED = "used by this execution"
EXPECTED = "for this document on AWS, as `organist estimate` has it"
SECONDS_A_PIECE, SECONDS_A_PART = 2, 10  # of a recording: the engine's outputs/recording
PUTS_A_PART = 2  # the part and the manifest
PUTS_A_SEGMENT = 2.1  # itself, the newest playlist, and with each tenth the list of all: outputs/publishing
REQUESTS_A_SEGMENT = 2  # of a player: itself and the playlist
SECONDS_A_MONTH = 730 * 3600  # as AWS counts a month


class PriceUnknown(CommandError):
    """The price table lacks something."""


@dataclass(frozen=True)
class MachineUse:
    """One machine: its EC2 type, how long it existed, in seconds, and the size of its volume, in GiB."""

    instance_type: str
    seconds: float
    volume_gib: int


@dataclass(frozen=True)
class RecordingUse:
    """Recordings into S3: how long each is, in seconds, the size of all, in bytes, and how many they are."""

    seconds: float
    size: float
    count: int = 1


@dataclass(frozen=True)
class PublicationUse:
    """What is published: how long it is and a segment is (s), each rendition (bytes a second)."""

    seconds: float
    segment_seconds: float
    renditions: tuple[float, ...]


@dataclass(frozen=True)
class Use:
    """What a production uses: machines, state transitions, calls of functions, what it keeps in S3."""

    machines: Sequence[MachineUse]
    transitions: int
    calls: int
    recording: RecordingUse | None = None
    publication: PublicationUse | None = None


@dataclass(frozen=True)
class CostLine:
    """One line of a bill: what, how much of it, and the cost in US dollars."""

    what: str
    amount: str
    usd: float


@cache
def price_table() -> Mapping[str, Any]:
    """Return the table as prices.json has it."""
    table: dict[str, Any] = json.loads(PRICES_FILE.read_text())
    return table


def cost_lines(use: Use) -> list[CostLine]:
    """Return the bill of what a production uses.

    Raises:
        PriceUnknown: The table lacks an instance type.
    """
    prices = price_table()
    lines = [_instance_line(machine) for machine in use.machines]
    hours = sum(_charged(machine) for machine in use.machines) / 3600
    gb_months = sum(_charged(machine) * machine.volume_gib for machine in use.machines) / SECONDS_A_MONTH
    volumes = " + ".join(f"{machine.volume_gib}" for machine in use.machines)
    waited = WAITED_SECONDS * len(use.machines)
    gb_seconds = (use.calls * FUNCTION_SECONDS + waited) * FUNCTION_GB
    log_gb = (use.calls * LOG_BYTES_A_CALL + use.transitions * LOG_BYTES_A_TRANSITION) / 1e9
    functions = (
        use.calls * prices["functionRequest"]["price"] + gb_seconds * prices["functionSeconds"]["price"]
    )
    return [
        *lines,
        CostLine("volumes", f"{volumes or 0} GB", gb_months * prices["storage"]["price"]),
        CostLine("public addresses", f"{hours:.2f} h", hours * prices["publicAddress"]["price"]),
        CostLine(
            "state transitions", f"{use.transitions:,}", use.transitions * prices["transition"]["price"]
        ),
        CostLine("functions", f"about {use.calls:,} calls", functions),
        CostLine("logs", f"about {log_gb * 1000:.1f} MB", log_gb * prices["logs"]["price"]),
        *(_recording_lines(use.recording) if use.recording else []),
        *(_publication_lines(use.publication) if use.publication else []),
    ]


def total(lines: Sequence[CostLine]) -> float:
    """Return a bill's sum in US dollars."""
    return sum(line.usd for line in lines)


def one_line(use: Use, covers: str) -> str:
    """Return the cost of a use in one line, with where the prices come from.

    Args:
        use: What is charged.
        covers: What the figure covers, in words: ``USED`` or ``EXPECTED``.
    """
    prices = price_table()
    try:
        usd = total(cost_lines(use))
    except PriceUnknown as error:
        return str(error)
    return (
        f"about ${usd:.3f} {covers}, at {prices['region']}'s on-demand prices of {prices['date']} "
        f"({use.transitions:,} state transitions, about {use.calls:,} function calls)"
    )


def _instance_line(machine: MachineUse) -> CostLine:
    prices = price_table()["instances"]["prices"]
    if machine.instance_type not in prices:
        raise PriceUnknown(
            f"There is no price of {machine.instance_type} in {PRICES_FILE.name}. Known are "
            f"{', '.join(sorted(prices))}. Add the type there: {price_table()['instances']['source']}"
        )
    seconds = _charged(machine)
    usd = seconds / 3600 * prices[machine.instance_type]
    return CostLine(machine.instance_type, f"{seconds:,.0f} s", usd)


def _recording_lines(recording: RecordingUse) -> list[CostLine]:
    prices, gigabytes = price_table(), recording.size / 1e9
    puts = ceil(recording.seconds / SECONDS_A_PIECE) + ceil(recording.seconds / SECONDS_A_PART) * PUTS_A_PART
    puts *= recording.count
    return [
        CostLine("recording, requests", f"about {puts:,}", puts * prices["objects"]["price"]),
        CostLine(
            "recording, kept a month", f"{gigabytes:.2f} GB", gigabytes * prices["objectStorage"]["price"]
        ),
    ]


def _publication_lines(publication: PublicationUse) -> list[CostLine]:
    prices, gigabytes = price_table(), sum(publication.renditions) * publication.seconds / 1e9
    puts = ceil(publication.seconds / publication.segment_seconds * PUTS_A_SEGMENT) * len(
        publication.renditions
    )
    return [
        CostLine("on the web, requests", f"about {puts:,}", puts * prices["objects"]["price"]),
        CostLine(
            "on the web, kept a month", f"{gigabytes:.2f} GB", gigabytes * prices["objectStorage"]["price"]
        ),
    ]


def viewer_hour(publication: PublicationUse) -> float:
    """Return what an hour of one viewer costs, of the best rendition, in US dollars."""
    prices = price_table()
    requests = 3600 / publication.segment_seconds * REQUESTS_A_SEGMENT
    gigabytes = max(publication.renditions) * 3600 / 1e9
    return float(
        gigabytes * prices["deliveryBytes"]["price"] + requests * prices["deliveryRequests"]["price"]
    )


def _charged(machine: MachineUse) -> float:
    return max(machine.seconds, SHORTEST_INSTANCE_SECONDS)
