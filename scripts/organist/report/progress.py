"""Live progress of a production: a table in a terminal, plain lines anywhere else."""

from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from organist.metrics.no_metrics import NoMetrics
from organist.report.history import Step, StepChange
from organist.terminal import say

# The states a person wants to see; the others only move data.
SHOWN = {
    "ValidateInput": "checks the input",
    "NewInstance": "launches",
    "MakeAMix": "makes the flow of the mixer machine",
    "MakeAnEncode": "makes the flow of the encoder machine",
    "StartNodeRED": "boots, joins the cluster",
    "CheckNodeRED": "starts Node-RED",
    "InstallNodeREDModule": "installs",
    "DeployNodeREDModule": "deploys its flow",
    "GoOnAir": "waits for the first pictures",
    "OnAir": "is on air",
    "ExplainFailure": "looks for the cause",
    "TearDown": "takes everything down",
    "Succeeded": "has succeeded",
    "Failed": "has failed",
    "TerminateInstance": "is being removed",
    "CompleteRecording": "completes its recording",
}
# What is shown once the state of a machine has done its work.
SHOWN_AFTERWARDS = {"DeployNodeREDModule": "is set up", "TerminateInstance": "is gone"}
EVERYTHING = "the production"
NO_METRICS = NoMetrics()


class Progress(Protocol):
    """Shows steps as they happen."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last view standing."""

    def show(self, step: Step) -> None:
        """Show one step."""

    def say(self, text: str) -> None:
        """Show a text that stays."""

    def print_figures(self) -> None:
        """Show what the machines say of themselves, where that is asked for."""


def sentence(step: Step) -> str | None:
    """Return what a step is in words, or None if nobody wants to see it."""
    if step.change is StepChange.REFUSED and step.state in SHOWN:
        return f"{SHOWN[step.state]} ({step.error})"
    if step.state in SHOWN_AFTERWARDS and step.succeeded(step.state):
        return SHOWN_AFTERWARDS[step.state]
    if step.change is not StepChange.ENTERED or step.state not in SHOWN:
        return None
    module = step.data.get("module", {}).get("moduleName", "")
    return f"{SHOWN[step.state]} {module}".strip()


class PlainProgress:
    """A line for each change: seconds since the start, who, what."""

    def __init__(self, console: Console, started_at: datetime, metrics: NoMetrics = NO_METRICS) -> None:
        self._console = console
        self._started_at = started_at
        self._metrics = metrics
        self._last: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to put back."""

    def show(self, step: Step) -> None:
        """Print the step, unless the last line about its machine said the same."""
        text = sentence(step)
        who = step.machine or EVERYTHING
        if text is None or self._last.get(who) == text:
            return
        self._last[who] = text
        self._print(step.at, f"{who:<24} {text}")

    def say(self, text: str) -> None:
        """Print the text."""
        say(self._console, text)

    def _print(self, at: datetime, text: str) -> None:
        self.say(f"{(at - self._started_at).total_seconds():6.1f} s  {text}")

    def print_figures(self) -> None:
        """Print the lines that are due."""
        self._metrics.print_changes(lambda line: self._print(datetime.now(self._started_at.tzinfo), line))


class TerminalProgress:
    """A table that stays in place: a row a machine and one for the production, and the time so far.

    Beneath it is the metrics' own.
    """

    def __init__(self, console: Console, started_at: datetime, metrics: NoMetrics = NO_METRICS) -> None:
        self._started_at = started_at
        self._metrics = metrics
        self._rows: dict[str, tuple[str, datetime]] = {}
        self._live = Live(console=console, get_renderable=self._tables, refresh_per_second=4)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last table standing."""
        self._live.__exit__(kind, error, trace)

    def show(self, step: Step) -> None:
        """Put the step into its row."""
        text = sentence(step)
        if text is not None:
            self._rows[step.machine or EVERYTHING] = (text, step.at)

    def say(self, text: str) -> None:
        """Print the text above the table."""
        say(self._live.console, text)

    def print_figures(self) -> None:
        """The table is drawn anew by itself."""

    def _tables(self) -> Group:
        return Group(self._table(), self._metrics.table())

    def _table(self) -> Table:
        now = datetime.now(self._started_at.tzinfo)
        table = Table(box=None, pad_edge=False)
        table.add_column(f"{(now - self._started_at).total_seconds():.0f} s", justify="right", style="dim")
        table.add_column("machine")
        table.add_column("step")
        for who, (text, at) in self._rows.items():
            table.add_row(f"{(now - at).total_seconds():.0f} s", who, text)
        return table


def open_progress(console: Console, started_at: datetime, metrics: NoMetrics = NO_METRICS) -> Progress:
    """Return the progress that suits where the console writes to; ``metrics`` are shown with it."""
    suiting = TerminalProgress if console.is_terminal else PlainProgress
    return suiting(console, started_at, metrics)
