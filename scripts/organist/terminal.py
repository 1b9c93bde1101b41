"""Where the commands print: what a person reads stands as it is, and what one copies in one piece."""

from typing import IO

from rich.console import Console

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


def say(console: Console, text: str) -> None:
    """Print a text, its lines never broken: addresses, passwords and commands are copied from it."""
    console.print(text, soft_wrap=True)
