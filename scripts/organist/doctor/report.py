"""Findings for a person, as a table, and for a program, as JSON."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from organist.doctor.findings import Finding, FindingState, is_healthy

_STYLES = {
    FindingState.OK: "green",
    FindingState.WARNING: "yellow",
    FindingState.FAILED: "bold red",
    FindingState.NOT_ASKED: "dim",
}


def findings_table(findings: Sequence[Finding]) -> Table:
    """Return the table; nothing in it is read as markup."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    table.add_column("check", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("found, and what to do", no_wrap=True)
    previous = ""
    for finding in findings:
        message = Text(f"{finding.what}: {finding.message}")
        if finding.advice:
            message.append(f"\n→ {finding.advice}", style=_STYLES[finding.state])
        check = finding.check if finding.check != previous else ""
        table.add_row(Text(check), Text(finding.state.value, style=_STYLES[finding.state]), message)
        previous = finding.check
    return table


def findings_document(stack: str, region: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "stack": stack,
        "region": region,
        "healthy": is_healthy(findings),
        "findings": [
            {
                "check": finding.check,
                "what": finding.what,
                "state": finding.state.value,
                "message": finding.message,
                "advice": finding.advice,
            }
            for finding in findings
        ],
    }


def verdict(findings: Sequence[Finding]) -> str:
    """Return the report in one sentence."""
    counts = {state: sum(one.state is state for one in findings) for state in FindingState}
    if counts[FindingState.FAILED]:
        return f"A production would fail: see {counts[FindingState.FAILED]} of {len(findings)} lines."
    if counts[FindingState.WARNING]:
        return "Nothing found that keeps a production from running; look at the warnings."
    return "Nothing found that keeps a production from running."
