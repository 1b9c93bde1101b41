"""The outputs of a live show as Kibana has them: recorded, in both stand-in servers, drawn by Vega itself.

The recording: an encoder that records, publishes and sends to a studio and to a receiver that is not there.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.metrics.support.drawing import draw, found
from tests.metrics.support.panels import vega
from tests.metrics.support.recordings import recorded
from tests.metrics.support.stores import Store

OUTPUTS = vega("outputs")
SENT = [line["document"]["mediaOutput"] for line in recorded("outputs") if "mediaOutput" in line["document"]]
PRODUCTION = SENT[0]["productionId"]
BEGAN = datetime.fromisoformat(SENT[0]["timestamp"])


def drawn(store: Store, seconds: float, height: int = 400, *, now: float | None = None) -> dict[str, Any]:
    """What Vega makes of the outputs so many seconds after the first document; ``now`` may be later."""
    answer = found(store, OUTPUTS, PRODUCTION, (BEGAN + timedelta(seconds=seconds)).isoformat())
    at = (BEGAN + timedelta(seconds=seconds if now is None else now)).isoformat()
    return draw(OUTPUTS, answer, at, (1400, height), ("outputs", "rows"))


def judged(made: dict[str, Any]) -> dict[str, str]:
    return {one["output"]["name"]: one["judgement"] for one in made["outputs"]}


def test_a_row_an_output_the_worst_first(store: Store) -> None:
    made = drawn(store, 30)
    judgements = judged(made)
    assert set(judgements) == {one["output"] for one in SENT}
    assert {name for name, judgement in judgements.items() if judgement != "good"} == {"nobody there"}
    assert judgements["nobody there"] == "trouble"
    first = made["rows"][0]
    assert first["name"] == "nobody there (destination)"
    assert "Connection to srt://127.0.0.98:9998" in first["error"]
    assert int(first["restarts"]) > 0
    recording = next(one for one in made["rows"] if one["name"] == "recording (recording)")
    assert (recording["state"], recording["behind"][-2:], recording["error"]) == ("sending", " s", "")
    assert {"Machine", "Output", "State", "Behind", "Sent", "Missed", "Restarts", "Last error"} <= set(
        made["texts"]
    )
    assert {first["machine"], first["missed"], recording["behind"]} <= set(made["texts"])


@pytest.mark.parametrize(("later", "judgement"), [(20, "silent"), (200, "gone")])
def test_what_is_silent_is_told(store: Store, later: float, judgement: str) -> None:
    assert set(judged(drawn(store, 30, now=30 + later)).values()) == {judgement}


def test_what_has_no_room_is_told(store: Store) -> None:
    made = drawn(store, 30, height=100)
    shown, there = len(made["rows"]), len(made["outputs"])
    assert 0 < shown < there
    assert f"and {there - shown} more: choose a production above" in made["texts"]


def test_before_the_first_document_it_says_so(store: Store) -> None:
    assert drawn(store, -60)["texts"] == ["No output has told anything in this time"]
