"""Where the commands print."""

from rich.console import Console

WIDE = 170  # columns, where nobody's terminal sets them: a table in a file or a pipe is not cut


def open_console() -> Console:
    """Give the console; in a pipe it is wide enough for every table."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)
