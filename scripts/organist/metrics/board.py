"""The latest figures of every chain, process and node that is heard of."""

from collections.abc import Iterable

from organist.metrics.documents import Record
from organist.metrics.figures import (
    ChainFigures,
    NodeFigures,
    chain_figures,
    node_figures,
    process_figures,
)


class Board:
    """Takes records in their order; ``number`` is the last one's."""

    def __init__(self) -> None:
        self.number = 0
        self._chains: dict[tuple[str, str, str], ChainFigures] = {}
        self._memory: dict[tuple[str, str], float] = {}
        self._nodes: dict[tuple[float | None, str], NodeFigures] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Take some more into account."""
        for record in records:
            self.number = record.number
            if chain := chain_figures(record):
                self._chains[chain.production, chain.machine, chain.chain] = chain
            elif process := process_figures(record):
                if process.memory is not None:
                    self._memory[process.production, process.machine] = process.memory
            elif node := node_figures(record):
                self._nodes[node.pid, node.node] = node

    @property
    def chains(self) -> list[ChainFigures]:
        """The latest of every chain, in the order in which they were first heard of."""
        return list(self._chains.values())

    @property
    def nodes(self) -> list[NodeFigures]:
        """The latest of every node of dynamorse's."""
        return list(self._nodes.values())

    def memory_of(self, chain: ChainFigures) -> float | None:
        """Return the bytes of the Node-RED in which the chain is; None before it has said."""
        return self._memory.get((chain.production, chain.machine))
