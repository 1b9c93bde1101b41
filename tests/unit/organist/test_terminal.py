"""What a person reads stands as it is, and nothing prints beside the one module that prints."""

import ast
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.table import Table

from local_cloud.paths import REPOSITORY
from organist.commands.estimate import bill
from organist.commands.instances import machines_table
from organist.commands.sweep import orphans_table
from organist.report.cost_model import CostLine
from organist.terminal import WIDE, open_console, say, show_table

ORGANIST = REPOSITORY / "scripts" / "organist"
# main tells what went wrong before anything is loaded; a question stays on its line; --json is for programs.
PRINTERS = {"main.py", "confirmation.py", "terminal.py"}
FOR_PROGRAMS = {("doctor.py", "echo")}
BRACKETS = ["see [/var/log/x]", "[final].mp4", "[bold]loud[/bold]", ":warning: 10:30:00"]


@pytest.mark.parametrize("text", BRACKETS)
@pytest.mark.parametrize("width", [40, 80])
def test_brackets_and_colons_are_text(text: str, width: int) -> None:
    written = StringIO()
    console = open_console(written, width)
    say(console, text)
    console.print(table_of(text))
    assert written.getvalue().count(text) == 2


def table_of(text: str) -> Table:
    table = Table("what")
    table.add_row(text)
    return table


@pytest.mark.parametrize("width", [40, 80])
def test_what_is_copied_is_not_broken(width: int) -> None:
    command = "aws stepfunctions start-execution --state-machine-arn arn:aws:states:eu-west-1:123:x " * 2
    written = StringIO()
    say(open_console(written, width), command)
    assert command.rstrip() in written.getvalue()


MACHINE = {
    "instanceName": "mixer-680cd70d",
    "instanceId": "i-0123456789abcdef0",
    "instanceType": "c6i.large",
    "state": "running",
    "privateAddress": "172.31.100.101",
    "publicAddress": "203.0.113.199",
    "productionId": "680cd70d",
    "launchedAt": "2026-11-22T19:00:00Z",
    "expiresAt": "2026-11-22T20:00:00Z",
}


@pytest.mark.parametrize("width", [40, 80, WIDE])
def test_no_name_and_no_address_of_a_machine_is_cut(width: int) -> None:
    written = StringIO()
    table = machines_table([MACHINE], datetime(2026, 11, 22, 19, 2, tzinfo=UTC))
    show_table(open_console(written, width), table)
    message = written.getvalue()
    assert [value for value in MACHINE.values() if value not in message] == [
        MACHINE["launchedAt"]
    ]  # as an age
    assert ("┃" in message) == (width == WIDE)


@pytest.mark.parametrize("width", [40, 80])
def test_a_bill_is_whole(width: int) -> None:
    written = StringIO()
    line = CostLine("r7iz.metal-32xlarge", "about 1,234,567 calls", 12.3456)
    show_table(open_console(written, width), bill([line]))
    assert [text for text in (line.what, line.amount, "12.3456") if text not in written.getvalue()] == []


def test_a_refusal_with_brackets_stands_in_the_table_of_orphans() -> None:
    refused = {"instanceName": "mixer-1", "step": "end it", "cause": "see [/var/log/x] [final].mp4"}
    written = StringIO()
    report = {"dryRun": False, "removed": [], "kept": [], "refused": [refused]}
    open_console(written, 150).print(orphans_table(report))
    assert refused["cause"] in written.getvalue()


def calls(path: Path) -> list[tuple[str, str]]:
    found = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = [func.id if isinstance(func, ast.Name) else getattr(func, "attr", "") for func in found]
    return [(path.name, name) for name in names if name in ("print", "echo", "secho", "Console")]


@pytest.mark.parametrize("path", sorted(ORGANIST.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_else_makes_a_console_or_prints(path: Path) -> None:
    if path.name not in PRINTERS:
        assert set(calls(path)) - FOR_PROGRAMS == set()
