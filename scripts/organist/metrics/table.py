"""The latest figures as a table for the terminal."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from organist.metrics.board import Board
from organist.metrics.figures import ChainFigures, NodeFigures
from organist.metrics.formats import NOTHING, figure, mebibytes, megabits

SILENT_AFTER = 4.0  # seconds; a document comes each second
CHAIN_FIGURES = ("frames", "dropped", "frames/s", "Mbit/s", "speed", "link", "restarts", "Node-RED")
NODE_FIGURES = ("grains/s", "ms a grain", "waiting")


def table_of(board: Board, now: datetime) -> RenderableType:
    """Return a table for each production and one of dynamorse's nodes; nothing before the first document."""
    productions = dict.fromkeys(chain.production for chain in board.chains)
    tables = [_chains(board, production, now) for production in productions]
    if board.nodes:
        tables.append(_nodes(board.nodes, now))
    return Group(*tables)


def _chains(board: Board, production: str, now: datetime) -> Table:
    table = _new_table(f"production {production or NOTHING}", CHAIN_FIGURES)
    for chain in board.chains:
        if chain.production != production:
            continue
        latency = figure(chain.link_latency_ms)
        table.add_row(
            Text(chain.name.removesuffix(f"-{production}")),
            Text(_state(chain, chain.state, now)),
            figure(chain.frames),
            figure(chain.dropped_frames),
            figure(chain.frame_rate, 2),
            megabits(chain.bit_rate),
            figure(chain.speed, 2),
            latency if latency == NOTHING else f"{latency} ms",
            figure(chain.restarts),
            mebibytes(board.memory_of(chain)),
        )
    return table


def _nodes(nodes: list[NodeFigures], now: datetime) -> Table:
    table = _new_table("nodes of dynamorse", NODE_FIGURES)
    for node in nodes:
        table.add_row(
            Text(f"{node.node} of process {figure(node.pid)}"),
            Text(_state(node, node.kind, now)),
            figure(node.grains),
            figure(node.work, 1),
            figure(node.waiting),
        )
    return table


def _state(figures: ChainFigures | NodeFigures, state: str, now: datetime) -> str:
    silent = (now - figures.at).total_seconds()
    return f"silent {silent:.0f} s" if silent > SILENT_AFTER else state


def _new_table(of_what: str, figures: tuple[str, ...]) -> Table:
    # As narrow as can be: 80 columns are enough.
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    table.add_column(Text(of_what))
    table.add_column("state")
    for name in figures:
        table.add_column(name, justify="right")
    return table
