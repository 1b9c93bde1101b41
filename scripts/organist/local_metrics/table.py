"""The latest figures as a table for the terminal."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table

from organist.local_metrics.board import Board
from organist.local_metrics.figures import ChainFigures, NodeFigures
from organist.local_metrics.words import NOTHING, figure, mebibytes, megabits

SILENT_AFTER = 4.0  # seconds; a document comes each second
CHAIN_COLUMNS = ("frames", "drops", "frames/s", "Mbit/s", "speed", "link", "restarts", "Node-RED")
NODE_COLUMNS = ("grains/s", "ms a grain", "waiting")


def table_of(board: Board, now: datetime) -> RenderableType:
    """Give the table of all chains, and one of dynamorse's nodes; nothing before the first document."""
    tables = []
    if board.chains:
        tables.append(_chains(board, now))
    if board.nodes:
        tables.append(_nodes(board.nodes, now))
    return Group(*tables)


def state_of(figures: ChainFigures | NodeFigures, now: datetime, state: str) -> str:
    """Give the state, or for how long nothing has been heard."""
    silent = (now - figures.at).total_seconds()
    return f"silent for {silent:.0f} s" if silent > SILENT_AFTER else state


def _chains(board: Board, now: datetime) -> Table:
    table = _new_table("production", "chain", "state", figures=CHAIN_COLUMNS)
    for chain in board.chains:
        latency = figure(chain.link_latency)
        table.add_row(
            chain.production or NOTHING,
            chain.machine if chain.machine.startswith(chain.chain) else f"{chain.machine} {chain.chain}",
            state_of(chain, now, chain.state),
            figure(chain.frames),
            figure(chain.dropped),
            figure(chain.fps, 1),
            megabits(chain.bit_rate),
            figure(chain.speed, 2),
            latency if latency == NOTHING else f"{latency} ms",
            figure(chain.restarts),
            mebibytes(board.memory_of(chain)),
        )
    return table


def _nodes(nodes: list[NodeFigures], now: datetime) -> Table:
    table = _new_table("process", "node", "state", figures=NODE_COLUMNS)
    for node in nodes:
        table.add_row(
            figure(node.pid),
            node.node,
            state_of(node, now, node.kind),
            figure(node.grains),
            figure(node.work, 1),
            figure(node.waiting),
        )
    return table


def _new_table(*names: str, figures: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name)
    for name in figures:
        table.add_column(name, justify="right")
    return table
