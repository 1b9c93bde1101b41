"""Showing metrics while nothing else is told: productions are started from elsewhere, or are over."""

import time

from rich.console import Console
from rich.live import Live

from organist.metrics.none import NoMetrics
from organist.terminal import say

POLL_SECONDS = 0.5


def show_until_interrupted(metrics: NoMetrics, console: Console) -> None:
    """Show the latest figures until Ctrl-C: a table in a terminal, plain lines anywhere else."""
    try:
        if console.is_terminal:
            with Live(console=console, get_renderable=metrics.table, refresh_per_second=2):
                _wait()
        while True:
            metrics.tell(lambda line: say(console, line))
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return


def _wait() -> None:
    while True:
        time.sleep(3600)
