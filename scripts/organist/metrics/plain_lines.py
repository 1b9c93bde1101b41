"""The figures as lines, where there is no terminal to keep a table on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from organist.metrics.board import Board
from organist.metrics.figures import ChainFigures
from organist.metrics.formats import figure, mebibytes, megabits

EVERY = timedelta(seconds=5)


class PlainLines:
    """A line about a chain when its state changes, and every five seconds."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, str], tuple[str, datetime]] = {}

    def of(self, board: Board) -> Iterator[str]:
        """Yield the lines that are due."""
        for chain in board.chains:
            key = chain.production, chain.machine, chain.chain
            state, at = self._told.get(key, ("", chain.at))
            if state != chain.state or chain.at - at >= EVERY:
                self._told[key] = chain.state, chain.at
                yield _line(chain, board.memory_of(chain))


def _line(chain: ChainFigures, memory: float | None) -> str:
    facts = (
        f"{figure(chain.frames)} frames",
        f"{figure(chain.dropped_frames)} dropped",
        f"{figure(chain.frame_rate, 2)} frames/s",
        f"{megabits(chain.bit_rate)} Mbit/s",
        f"speed {figure(chain.speed, 2)}",
        f"link {figure(chain.link_latency_ms)} ms",
        f"{figure(chain.restarts)} restarts",
        f"Node-RED {mebibytes(memory)}",
    )
    return f"{chain.name:<24} {chain.state}: {', '.join(facts)}"
