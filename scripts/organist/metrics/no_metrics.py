"""No metrics: what a production is without them, and what it asks of those who have some."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from rich.console import RenderableType


class NoMetrics:
    """Nobody asked for metrics: machines send none, nothing is shown."""

    parameters: Mapping[str, str] = MappingProxyType({})
    """The template's parameters that make machines send them."""

    def begin(self, say: Callable[[str], None]) -> None:
        """Say where they can be seen."""

    def table(self) -> RenderableType:
        """Return the latest figures as a table."""
        return ""

    def print_changes(self, say: Callable[[str], None]) -> None:
        """Say what has changed since the last time, a line a fact."""

    def summary(self) -> Sequence[str]:
        """Return the figures of the whole run, a line a fact."""
        return []
