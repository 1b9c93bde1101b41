"""From documents to what a person reads: the table, plain lines, the figures of a whole run."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local_cloud.toolchain import CHARTS_FOLDER
from organist.metrics.board import Board
from organist.metrics.documents import Documents, Record
from organist.metrics.figures import chain_figures, node_figures, process_figures
from organist.metrics.live import LiveMetrics, live_metrics
from organist.metrics.plain_lines import PlainLines
from organist.metrics.table import table_of
from organist.metrics.totals import read_kept, total_lines, totals_of
from organist.report.progress import PlainProgress, TerminalProgress
from organist.terminal import open_console

RECORDED = Path(__file__).parents[2] / "metrics" / "recorded"
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def recorded(name: str) -> list[Record]:
    return list(read_kept(RECORDED / f"{name}.ndjson"))


def chain(second: float, **changed: Any) -> Record:
    """A document of a chain that many seconds after the start."""
    media = {
        "instanceName": "mixer-1",
        "productionId": "1",
        "chain": "mixer",
        "state": "running",
        "frames": 25 * second,
        "frameRate": 25,
        "droppedFrames": 0,
        "restarts": 0,
    }
    received = (START + timedelta(seconds=second)).isoformat()
    return Record(int(second * 10) + 1, received, "/media", {"media": media | changed})


def board_of(records: list[Record]) -> Board:
    board = Board()
    board.add(records)
    return board


def drawn(board: Board, now: datetime, width: int = 80) -> list[str]:
    written = StringIO()
    open_console(file=written, width=width).print(table_of(board, now))
    return [line.rstrip() for line in written.getvalue().splitlines()]


@pytest.mark.parametrize("name", ["media", "dynamorse"])
def test_every_recorded_document_is_understood(name: str) -> None:
    for record in recorded(name):
        assert chain_figures(record) or process_figures(record) or node_figures(record), record


def test_the_table_fits_a_terminal_of_80_columns() -> None:
    records = recorded("media")
    *_, encoder, mixer = drawn(board_of(records), datetime.fromisoformat(records[-1].received))
    assert " ".join(encoder.split()) == "encoder running 1019 0 24.99 2.0 1.00 672 ms 0 143 MiB"
    assert " ".join(mixer.split()) == "mixer running 1085 0 24.96 5.3 1.00 - 0 142 MiB"


def test_the_table_says_who_is_silent_and_parts_productions() -> None:
    records = [chain(0), chain(9, productionId="2", instanceName="mixer-2")]
    lines = drawn(board_of(records), START + timedelta(seconds=10))
    assert [line.split()[:2] for line in lines if line.startswith("mixer")] == [
        ["mixer", "silent"],
        ["mixer", "running"],
    ]


def test_the_table_shows_dynamorses_nodes() -> None:
    records = recorded("dynamorse")
    lines = drawn(board_of(records), datetime.fromisoformat(records[-1].received))
    funnel, _, spout = (
        line.split() for line in lines if line.startswith(("funnelGrain", "valveTest", "spoutTest"))
    )
    assert funnel[-3:] == ["0", "-", "6"]
    assert spout[-1] == "-", "a spout has no buffer"


def test_an_overflown_work_time_is_no_figure() -> None:
    works = [
        (record.document["redioactive"]["nodeWorkAvg"], node_figures(record))
        for record in recorded("dynamorse")
        if "redioactive" in record.document
    ]
    overflown = [figures for work, figures in works if work < 0]
    assert overflown
    assert all(figures is not None and figures.work is None for figures in overflown)


def test_wrong_types_and_names_with_markup_do_no_harm() -> None:
    wrong = {
        "instanceName": "[/red]\x1b[2J",
        "chain": None,
        "frameRate": "x",
        "frames": True,
        "productionId": "[b]",
    }
    odd = [
        chain(0, **wrong),
        Record(2, START.isoformat(), "/media", {"media": [], "nodeJS": 3, "redioactive": None}),
        Record(3, START.isoformat(), "/x", {"nodeJS": {"rss": "much"}}),
        Record(4, START.isoformat(), "/x", {"redioactive": {"nodeName": "[/]"}}),
    ]
    text = "\n".join(drawn(board_of(odd), START))
    assert "[/red][2J" in text
    assert "\x1b" not in text


def test_plain_lines_come_when_the_state_changes_and_every_five_seconds() -> None:
    board, lines = Board(), PlainLines()
    said = []
    for second in range(12):
        board.add([chain(second, state="starting" if second == 0 else "running")])
        said += [line.split(":")[0].split() for line in lines.of(board)]
    assert said == [["mixer-1", "starting"], *[["mixer-1", "running"]] * 3]


def test_the_totals_of_a_recorded_run() -> None:
    chains, memory = totals_of(recorded("media"))
    encoder, mixer = chains
    assert (encoder.last.frames, mixer.last.frames) == (1019, 1085)
    assert encoder.lowest_frame_rate == pytest.approx(24.93)
    assert encoder.longest_gap == pytest.approx(1.0, abs=0.1)
    assert {name.split("-")[0]: round(most / 2**20) for (_, name), most in memory.items()} == {
        "encoder": 143,
        "mixer": 142,
    }


def test_the_totals_find_a_dip_and_a_silence_but_not_the_start() -> None:
    ramp = [chain(0, frameRate=0, state="starting"), chain(1, frameRate=3), chain(2, frameRate=14)]
    steady = [chain(second) for second in range(3, 8)]
    dip_and_gap = [chain(8, frameRate=17.5), chain(15)]
    restart = [chain(16, frameRate=1, restarts=1), chain(17, frameRate=12, restarts=1)]
    ((totals,), _) = totals_of([*ramp, *steady, *dip_and_gap, *restart])
    assert (totals.lowest_frame_rate, totals.longest_gap) == (17.5, 7.0)


def test_a_rate_of_zero_is_the_lowest() -> None:
    ((totals,), _) = totals_of(
        [*(chain(second) for second in range(6)), chain(6, frameRate=0), chain(7, frameRate=20)]
    )
    assert totals.lowest_frame_rate == 0


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    with Documents(tmp_path / "kept.ndjson", lambda: START) as documents:
        documents.add("/media", json.dumps(chain(1).document).encode())
        documents.path.write_text(documents.path.read_text() + '{"received": "20')
        lines = total_lines(documents)
    assert lines[0].startswith("mixer-1: 25 frames, 0 dropped")
    assert lines[1].endswith("kept.ndjson has 1 documents")


@pytest.fixture
def metrics(tmp_path: Path) -> Iterator[LiveMetrics]:
    with live_metrics(tmp_path, CHARTS_FOLDER) as live:
        live.documents.add("/media", json.dumps(chain(1).document).encode())
        yield live


def test_a_terminal_shows_them_beneath_the_steps(metrics: LiveMetrics) -> None:
    written = StringIO()
    with TerminalProgress(Console(file=written, width=100, force_terminal=True), START, metrics):
        pass
    assert "production 1" in written.getvalue()


def test_elsewhere_they_are_lines_among_the_steps(metrics: LiveMetrics) -> None:
    written = StringIO()
    with PlainProgress(open_console(file=written, width=200), START, metrics) as progress:
        progress.print_figures()
        progress.print_figures()
    (line,) = written.getvalue().splitlines()
    assert " s  mixer-1 " in line
    assert "running: 25 frames, 0 dropped, 25.00 frames/s" in line


def test_machines_are_told_where_to_send(metrics: LiveMetrics) -> None:
    said: list[str] = []
    metrics.begin(said.append)
    assert metrics.parameters["LogHost"] == "127.0.0.1"
    assert f":{metrics.parameters['LogPort']}/" in said[0]
