"""What a session prints at its end of all faults tried, whichever process tried them."""

from dataclasses import asdict
from typing import Any

import pytest

from tests.faults.fault_totals import FaultTotals

_TOTAL = pytest.StashKey[FaultTotals]()
_SENT = "faults"


def of_session(config: pytest.Config) -> FaultTotals:
    """Return the count of this process."""
    return config.stash.setdefault(_TOTAL, FaultTotals())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the count to the process that prints."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None and _TOTAL in session.config.stash:
        output[_SENT] = asdict(of_session(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a process's count."""
    sent = getattr(node, "workeroutput", {}).get(_SENT)
    if sent:
        of_session(node.config).join(FaultTotals(**sent))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was tried."""
    if _TOTAL in config.stash:
        total = of_session(config)
        terminalreporter.write_line(f"fault injection: {total}")
        for complaint in total.complaints:
            terminalreporter.write_line(complaint)
