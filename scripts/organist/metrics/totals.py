"""What a run's kept documents say in all: frames, drops, lowest rate, most memory, longest silence."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from organist.metrics.documents import Documents, Record
from organist.metrics.figures import ChainFigures, chain_figures, process_figures
from organist.metrics.formats import figure, mebibytes

SETTLED_AFTER = timedelta(seconds=3)  # a rate is that of the last two seconds, so it climbs at first


@dataclass
class ChainTotals:
    """One chain from its first document to its last."""

    last: ChainFigures
    lowest_frame_rate: float | None = None
    longest_gap: float = 0.0  # seconds between two documents
    _running_since: datetime | None = field(default=None, repr=False)

    def add(self, figures: ChainFigures) -> None:
        """Take the next document into account."""
        self.longest_gap = max(self.longest_gap, (figures.at - self.last.at).total_seconds())
        if figures.state != "running" or figures.restarts != self.last.restarts:
            self._running_since = None
        elif self._running_since is None:
            self._running_since = figures.at
        elif figures.frame_rate is not None and figures.at - self._running_since >= SETTLED_AFTER:
            lowest = self.lowest_frame_rate
            self.lowest_frame_rate = figures.frame_rate if lowest is None else min(figures.frame_rate, lowest)
        self.last = figures


def totals_of(records: Iterable[Record]) -> tuple[list[ChainTotals], dict[tuple[str, str], float]]:
    """Return the totals of every chain, and the most memory (bytes) of every production's machine."""
    chains: dict[tuple[str, str, str], ChainTotals] = {}
    memory: dict[tuple[str, str], float] = {}
    for record in records:
        if chain := chain_figures(record):
            chains.setdefault((chain.production, chain.machine, chain.chain), ChainTotals(chain)).add(chain)
        elif (process := process_figures(record)) and process.memory is not None:
            key = process.production, process.machine
            memory[key] = max(process.memory, memory.get(key, 0))
    return list(chains.values()), memory


def read_kept(path: Path) -> Iterator[Record]:
    """Yield the records of a file that ``Documents`` has written.

    A line that was cut off, by a kill or a full disk, is passed over.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            with suppress(json.JSONDecodeError):
                yield Record(number, **json.loads(line))


def total_lines(documents: Documents) -> list[str]:
    """Return the totals in words, a line a chain, and where the documents are."""
    chains, memory = totals_of(read_kept(documents.path))
    lines = [_line(chain, memory) for chain in chains]
    refused = f", {documents.refused} refused" if documents.refused else ""
    return [*lines, f"{documents.path} has {documents.count} documents{refused}"]


def _line(chain: ChainTotals, memory: dict[tuple[str, str], float]) -> str:
    last = chain.last
    most = mebibytes(memory.get((last.production, last.machine)))
    return (
        f"{last.name}: {figure(last.frames)} frames, {figure(last.dropped_frames)} dropped, "
        f"{figure(last.restarts)} restarts; lowest {figure(chain.lowest_frame_rate, 2)} frames/s, "
        f"most memory {most}, longest silence {figure(chain.longest_gap, 1)} s"
    )
