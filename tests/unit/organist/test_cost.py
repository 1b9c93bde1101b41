"""What a production costs: the model, the counts, a recorded run."""

import itertools
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lambdas.engines.check_times import YOUNG_CHECK_SECONDS
from organist.commands.estimate import estimate
from organist.input_file import read_input
from organist.report.cost_model import (
    EXPECTED,
    USED,
    MachineUse,
    PriceUnknown,
    PublicationUse,
    RecordingUse,
    Use,
    cost_lines,
    one_line,
    price_table,
    total,
    viewer_hour,
)
from organist.report.expected_use import expected_use
from organist.report.production_use import use_of_history
from organist.report.transitions import (
    RETRIES_A_MACHINE,
    RETRIES_ON_AIR,
    count_history,
    expect_counts,
)
from organist.repository import EXAMPLE_INPUT, REPOSITORY

RECORDED = Path(__file__).parent / "data" / "recorded_history.json"


@pytest.fixture(scope="module")
def history() -> list[dict[str, Any]]:
    """The history of mediaInput.json's production on the local cloud, without what it carried."""
    events: list[dict[str, Any]] = json.loads(RECORDED.read_text())
    return [{**event, "timestamp": datetime.fromisoformat(event["timestamp"])} for event in events]


def cost(use: Use) -> dict[str, float]:
    return {line.what: line.usd for line in cost_lines(use)}


def test_an_hour_of_two_machines() -> None:
    use = Use(
        [MachineUse("c6i.large", 3600, 30), MachineUse("t3.micro", 3600, 70)], transitions=1000, calls=0
    )
    lines = cost(use)
    assert lines["c6i.large"] == pytest.approx(0.085)
    assert lines["t3.micro"] == pytest.approx(0.0104)
    assert lines["public addresses"] == pytest.approx(2 * 0.005)
    assert lines["volumes"] == pytest.approx((30 + 70) * 0.08 / 730)
    assert lines["state transitions"] == pytest.approx(0.025)
    assert total(cost_lines(use)) == pytest.approx(sum(lines.values()))


def test_functions_are_charged_by_call_and_by_memory_and_time() -> None:
    lines = cost(Use([], transitions=0, calls=1_000_000))
    assert lines["functions"] == pytest.approx(0.20 + 1_000_000 * 0.5 * 0.25 * 0.0000133334)


def test_a_machine_costs_a_minute_at_the_least() -> None:
    short, minute = Use([MachineUse("c6i.large", 3, 30)], 0, 0), Use([MachineUse("c6i.large", 60, 30)], 0, 0)
    assert total(cost_lines(short)) == total(cost_lines(minute))


def test_an_unknown_type_is_told_with_the_known_ones() -> None:
    with pytest.raises(PriceUnknown, match=r"no price of x9\.huge in prices.json. Known are .*c6i\.large"):
        cost_lines(Use([MachineUse("x9.huge", 60, 30)], 0, 0))
    assert "no price of x9.huge" in one_line(Use([MachineUse("x9.huge", 60, 30)], 0, 0), USED)


def test_the_price_table_is_dated_and_names_its_sources() -> None:
    table = price_table()
    datetime.fromisoformat(table["date"])
    priced = [entry for entry in table.values() if isinstance(entry, dict)]
    assert len(priced) == 11
    assert all(entry["source"].startswith("https://aws.amazon.com/") and entry["unit"] for entry in priced)


def test_the_counts_of_a_recorded_run(history: list[dict[str, Any]]) -> None:
    entered = sum(event["type"].endswith("StateEntered") for event in history)
    failed = sum(event["type"] == "TaskFailed" for event in history)
    counts = count_history(history)
    assert counts.transitions == entered + failed, "every failed call of a good run was tried again"
    assert counts.calls == sum(event["type"] == "TaskScheduled" for event in history)


def test_the_estimate_is_a_recorded_run_but_for_the_retries(history: list[dict[str, Any]]) -> None:
    retried = sum(event["type"] == "TaskFailed" for event in history)
    checks = sum(event.get("stateEnteredEventDetails", {}).get("name") == "CheckOnAir" for event in history)
    counts, expected = count_history(history), expect_counts([1, 1], checks * YOUNG_CHECK_SECONDS)
    assumed = 2 * RETRIES_A_MACHINE + RETRIES_ON_AIR
    assert expected.transitions - assumed == counts.transitions - retried
    assert expected.calls - assumed == counts.calls - retried


def test_a_check_makes_as_many_events_as_the_limit_of_checks_is_set_by(history: list[dict[str, Any]]) -> None:
    begins = [
        event["id"] for event in history if event.get("stateEnteredEventDetails", {}).get("name") == "OnAir"
    ]
    assert {later - sooner for sooner, later in itertools.pairwise(begins)} == {14}


def test_the_recorded_run_walked_the_state_machine_of_today(history: list[dict[str, Any]]) -> None:
    definition = (REPOSITORY / "step_functions" / "dynamicNTS.json").read_text()
    names = {
        event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
    }
    assert not [name for name in names if f'"{name}": {{' not in definition]


def test_the_use_of_a_recorded_run(history: list[dict[str, Any]]) -> None:
    use = use_of_history(history)
    assert [machine.instance_type for machine in use.machines] == ["c6i.large", "c6i.large"]
    whole = (history[-1]["timestamp"] - history[0]["timestamp"]).total_seconds()
    assert all(0.8 * whole < machine.seconds < whole for machine in use.machines)
    assert one_line(use, USED).startswith("about $0.00")


def test_the_estimate_of_the_example() -> None:
    use = expected_use(read_input(EXAMPLE_INPUT))
    assert [machine.seconds for machine in use.machines] == [200, 200]
    assert 0.005 < total(cost_lines(use)) < 0.05


def test_one_document_has_one_cost_wherever_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    document = read_input(EXAMPLE_INPUT)
    usd = total(cost_lines(expected_use(document)))
    assert one_line(expected_use(document), EXPECTED).startswith(f"about ${usd:.3f} for this document on AWS")
    estimate(EXAMPLE_INPUT)
    assert re.search(rf"about +\W* +{usd:.3f}\b", capsys.readouterr().out)
    hour = total(cost_lines(expected_use(document | {"runSeconds": 3600})))
    readme = " ".join((REPOSITORY / "README.md").read_text().split())
    assert (
        f"{document['runSeconds']} s on air on two `c6i.large`, costs about {usd * 100:.1f} US cents"
        in readme
    )
    assert f"an hour about {hour * 100:.0f} cents" in readme


def test_an_hour_of_a_recording() -> None:
    """1,800 pieces, 360 parts, each with its manifest; 2.25 GB."""
    lines = cost(Use([], 0, 0, RecordingUse(3600, 5e6 / 8 * 3600)))
    assert lines["recording, requests"] == pytest.approx((1800 + 360 * 2) * 0.000005)
    assert lines["recording, kept a month"] == pytest.approx(2.25 * 0.023)
    three = cost(Use([], 0, 0, RecordingUse(3600, 3 * 5e6 / 8 * 3600, 3)))
    assert three["recording, requests"] == pytest.approx(3 * lines["recording, requests"])
    assert three["recording, kept a month"] == pytest.approx(3 * lines["recording, kept a month"])


def test_an_hour_on_the_web() -> None:
    """1,800 segments, the newest playlist with each, the list of all 180 times; 2.25 GB."""
    publication = PublicationUse(3600, 2, (5e6 / 8,))
    lines = cost(Use([], 0, 0, publication=publication))
    assert lines["on the web, requests"] == pytest.approx((1800 * 2 + 180) * 0.000005)
    assert lines["on the web, kept a month"] == pytest.approx(2.25 * 0.023)
    assert viewer_hour(publication) == pytest.approx(2.25 * 0.085 + 3600 * 0.000001)


def test_what_goes_to_s3_is_in_the_estimate(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = json.loads(EXAMPLE_INPUT.read_text())
    published = document | {"output": {"publish": "s3://shows"}}
    assert expected_use(published).publication == PublicationUse(20, 2, ((3_000_000 + 192_000) / 8,))
    ladder = published | {"encode": {"renditions": [{"height": 360, "bitRate": 1_000_000}]}}
    assert [
        round(one * 8) for one in (expected_use(ladder).publication or PublicationUse(0, 0, ())).renditions
    ] == [5_192_000, 1_192_000]
    assert expected_use(published).transitions == expected_use(document).transitions + 1
    (tmp_path / "published.json").write_text(json.dumps(published))
    estimate(tmp_path / "published.json")
    assert "Each viewer costs about $0.126 an hour" in " ".join(capsys.readouterr().out.split())
    recorded = document | {"output": {"record": "s3://shows"}}
    assert expected_use(document).recording is None
    more = expected_use(recorded)
    assert more.recording == RecordingUse(20, (3_000_000 + 192_000) / 8 * 20)
    assert more.transitions == expected_use(document).transitions + 1
