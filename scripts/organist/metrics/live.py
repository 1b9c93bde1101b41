"""The metrics of one `organist local`: where machines send them, what a person sees of them."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from organist.command_errors import CommandError
from organist.metrics.board import Board
from organist.metrics.documents import Documents
from organist.metrics.no_metrics import NoMetrics
from organist.metrics.plain_lines import PlainLines
from organist.metrics.receiver import HOST, Receiver, receive
from organist.metrics.table import table_of
from organist.metrics.totals import total_lines
from organist.terminal import say

KEPT = "metrics.ndjson"
POLL_SECONDS = 0.5


class LiveMetrics(NoMetrics):
    """What came to the receiver so far."""

    def __init__(self, documents: Documents, receiver: Receiver) -> None:
        self.parameters = {"LogHost": HOST, "LogPort": str(receiver.port)}
        self.documents = documents
        self._url = receiver.url
        self._board = Board()
        self._lines = PlainLines()

    def begin(self, say: Callable[[str], None]) -> None:
        """Say where they can be seen."""
        say(f"Metrics: {self._url}  (kept in {self.documents.path})")

    def table(self) -> RenderableType:
        """Return the latest figures as a table."""
        return table_of(self._updated(), self.documents.now())

    def print_changes(self, say: Callable[[str], None]) -> None:
        """Say what has changed since the last time, a line a fact."""
        for line in self._lines.of(self._updated()):
            say(line)

    def summary(self) -> Sequence[str]:
        """Return the figures of the whole run, a line a fact."""
        return total_lines(self.documents)

    def _updated(self) -> Board:
        self._board.add(self.documents.after(self._board.number))
        return self._board


@contextmanager
def live_metrics(folder: Path, charts: Path) -> Iterator[LiveMetrics]:
    """Receive metrics until the context is left, and keep them in the folder.

    Args:
        folder: Where the documents are kept.
        charts: The folder whose ``node_modules`` has uPlot.

    Raises:
        CommandError: They cannot be kept there.
    """
    with ExitStack() as ends:
        try:
            documents = ends.enter_context(Documents(folder / KEPT))
            receiver = ends.enter_context(receive(documents, charts))
        except OSError as error:
            raise CommandError(
                f"Metrics cannot be kept in {folder}: {error}. Nothing was started."
            ) from error
        yield LiveMetrics(documents, receiver)


def show_until_interrupted(metrics: NoMetrics, console: Console) -> None:
    """Show the latest figures until Ctrl-C: a table in a terminal, plain lines anywhere else."""
    try:
        if console.is_terminal:
            with Live(console=console, get_renderable=metrics.table, refresh_per_second=2):
                _wait()
        while True:
            metrics.print_changes(lambda line: say(console, line))
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return


def _wait() -> None:
    while True:
        time.sleep(3600)
