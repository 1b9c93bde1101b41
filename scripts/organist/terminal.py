"""Where the commands print: what a person reads stands as it is, and what one copies in one piece."""

from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

UNBOUNDED = 10_000  # columns, to see how wide a table would be
WIDE = 170  # columns, where nobody's terminal sets them: a table in a file or a pipe is not cut


def open_console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """Return a console for which brackets and colons are text: causes, paths and titles have them.

    Args:
        file: Where it prints; by default the standard output.
        width: Columns; by default the terminal's, and in a pipe enough for every table.
    """
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    if width is None and not console.is_terminal:
        console.width = WIDE
    return console


def say(console: Console, text: str | Text) -> None:
    """Print a text, its lines never broken: addresses, passwords and commands are copied from it."""
    console.print(text, soft_wrap=True)


def show_table(console: Console, table: Table) -> None:
    """Print a table; where the console is narrower, a line a cell, so that names and addresses are whole."""
    if console.measure(table, options=console.options.update_width(UNBOUNDED)).maximum <= console.width:
        console.print(table)
        return
    headings = [str(column.header) for column in table.columns]
    margin = max(map(len, headings)) + 2
    for row in zip(*(column.cells for column in table.columns), strict=True):
        lines = [
            Text.assemble(f"{heading:<{margin}}", cell if isinstance(cell, Text) else str(cell), "\n")
            for heading, cell in zip(headings, row, strict=True)
            if str(cell)
        ]
        say(console, Text().join(lines))
