"""What is seen of a live show that goes wrong: recorded, in both stand-in servers, drawn by Vega itself.

The recording: an encoder that is on air, stalls for seven seconds, is started again, and dies with its
machine; its mixer outlives it. And machines of which one runs out of CPU credits.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.recorded.write_metricbeat import THROTTLED
from tests.metrics.support.drawing import draw, found
from tests.metrics.support.panels import panel_named, panels, vega
from tests.metrics.support.recordings import recorded, sent_by_http
from tests.metrics.support.stores import Store, elasticsearch, opensearch

CHAINS = vega("chains")
DAY = "2026-11-26T"
# Moments of the recording, trouble.ndjson.
STARTING, GOOD, STALLED, BACK = "09:13:55.500Z", "09:14:02.500Z", "09:14:08.500Z", "09:14:19.500Z"
DEAD, LONG_DEAD = "09:14:30.700Z", "09:17:00.000Z"
ENCODER, MIXER = "encoder-b86b0171", "mixer-b86b0171"


def tiles(store: Store, moment: str, width: int = 1200, production: str = "b86b0171") -> dict[str, Any]:
    """What Vega makes of the chains as they were at a moment: data, and every text that it draws."""
    return drawn(found(store, CHAINS, production, f"{DAY}{moment}"), moment, width)


def drawn(answer: Any, moment: str, width: int = 1200) -> dict[str, Any]:
    """Let Vega draw an answer."""
    return draw(CHAINS, answer, f"{DAY}{moment}", (width, 200), ("chains", "tiles"))


def judged(made: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Each machine's judgement and headline."""
    return {one["machine"]: (one["judgement"], one["headline"]) for one in made["chains"]}


@pytest.mark.parametrize(
    ("moment", "encoder", "mixer"),
    [
        (STARTING, ("starting", "starting"), ("good", "running")),
        (GOOD, ("good", "running"), ("good", "running")),
        (STALLED, ("down", "WAITING"), ("good", "running")),
        (BACK, ("good", "running"), ("good", "running")),
        # By then the production is ending, and the mixer goes off air.
        (DEAD, ("silent", "SILENT"), ("slow", "running")),
        (LONG_DEAD, ("gone", "gone"), ("gone", "gone")),
    ],
)
def test_a_tile_says_how_its_chain_is(
    store: Store, moment: str, encoder: tuple[str, str], mixer: tuple[str, str]
) -> None:
    assert judged(tiles(store, moment)) == {ENCODER: encoder, MIXER: mixer}


def test_a_tile_has_the_state_the_silence_the_rate_and_the_restarts(store: Store) -> None:
    texts = tiles(store, BACK)["texts"]
    assert texts[:5] == [
        ENCODER,
        "running",
        "1 restart",
        "25.0 frames/s, 100% of the wanted",
        "last document 0 s ago",
    ]
    assert "0 restarts" in texts
    silent = tiles(store, DEAD)["texts"]
    assert silent[:5] == [ENCODER, "SILENT", "1 restart", "no frame rate", "last document 11 s ago"]


def test_a_chain_that_does_not_keep_up_is_seen(store: Store) -> None:
    """Just started again, it has not come to its rate."""
    assert judged(tiles(store, "09:14:12.500Z"))[ENCODER] == ("slow", "running")


def test_the_worst_stands_first(store: Store) -> None:
    for moment in (STALLED, DEAD):
        assert tiles(store, moment)["texts"][0] == ENCODER
    # When both are well, they stand by their names; a name alone would not have put this one first.
    answer = store.search(
        "metrics-media.chain-organist",
        CHAINS["data"][0]["url"]["body"] | {"query": {"term": {"organist.production.id": "b86b0171"}}},
    )
    for machine in answer["aggregations"]["machines"]["buckets"]:
        machine["key"] = {ENCODER: "z", MIXER: "a"}[machine["key"]]
    assert drawn(answer, "09:14:32.500Z")["texts"][0] == "z"


def test_what_has_no_room_is_told(store: Store) -> None:
    """Two rows of one tile each, and more chains than that."""
    answer = store.search("metrics-media.chain-organist", CHAINS["data"][0]["url"]["body"])
    buckets = answer["aggregations"]["machines"]["buckets"]
    answer["aggregations"]["machines"]["buckets"] = [b | {"key": f"m{n}"} for n, b in enumerate(buckets * 3)]
    made = drawn(answer, DEAD, width=300)
    assert len(made["tiles"]) == 2
    assert f"and {len(buckets) * 3 - 2} more: choose a production above" in made["texts"]


def test_before_the_first_document_it_says_so(store: Store) -> None:
    assert tiles(store, GOOD, production="nobody")["texts"] == ["No chain has sent anything in this time"]


def lines(store: Store, name: str, interval: int, filters: dict[str, Any]) -> dict[str, dict[str, float]]:
    """What a chart shows, at an interval (s): a line's figures by the time of day."""
    panel = panel_named(name)
    query = panel.query(f"{interval}s")
    query["query"] = {"bool": {"filter": [query["query"], {"term": filters}]}}
    buckets = store.search("metrics-*-organist", query)["aggregations"]["lines"]["buckets"]
    shown = {}
    for line in buckets:
        points = [
            (point["key"] / 1000, point["figure"]["value"])
            for point in line["time"]["buckets"]
            if point["figure"]["value"] is not None
        ]
        shown[line["key"]] = {
            datetime.fromtimestamp(at).astimezone(None).strftime("%M:%S"): figure
            for at, figure in panel.shown(points)
        }
    return shown


TROUBLE = {"organist.production.id": "b86b0171"}


def test_frames_stand_still_while_a_chain_stalls_and_end_when_it_dies(store: Store) -> None:
    frames = lines(store, "frames", 2, TROUBLE)
    assert 20 < frames[ENCODER]["14:00"] < 30
    assert frames[ENCODER]["14:06"] == frames[ENCODER]["14:08"] == 0
    assert 20 < frames[ENCODER]["14:16"] < 30
    assert "14:26" not in frames[ENCODER]
    assert 20 < frames[MIXER]["14:26"] < 30
    # What the chain says of itself does not tell: while nothing comes it is the last rate that there was.
    assert lines(store, "frame-rate", 2, TROUBLE)[ENCODER]["14:06"] > 20


def test_a_restart_is_one_peak(store: Store) -> None:
    restarts = lines(store, "restarts", 2, TROUBLE)
    assert [at for at, rate in restarts[ENCODER].items() if rate] == ["14:10"]
    assert restarts[ENCODER]["14:10"] == 30  # one in two seconds
    assert set(restarts[MIXER].values()) == {0}


def test_a_chain_below_its_limit_is_seen(store: Store) -> None:
    speed, limit = lines(store, "speed", 2, TROUBLE), panel_named("speed").limit
    assert limit == 1
    assert speed[ENCODER]["14:12"] < limit <= speed[ENCODER]["14:16"]


MACHINES = {"organist.production.id": "94214e97"}


def test_whose_fault_it_is_can_be_seen(store: Store) -> None:
    steal, limit = lines(store, "steal", 10, MACHINES), panel_named("steal").limit
    assert limit is not None
    above = {machine for machine, points in steal.items() if max(points.values()) > limit}
    dropped = lines(store, "network-dropped-in", 10, MACHINES)
    drops = {machine for machine, points in dropped.items() if any(points.values())}
    assert above == drops == {THROTTLED}
    assert set(dropped) == {THROTTLED, "mixer-94214e97"}
    into = lines(store, "network-in", 10, MACHINES)
    assert set(into[THROTTLED].values()) == {700_000}  # bytes a second, of a counter that only grows


COUNTERS = ("frames", "restarts", "reconnects", "packets", "bytes", "dropped")


def test_what_only_grows_is_shown_as_a_rate() -> None:
    growing = {panel.name for panel in panels() if panel.field.endswith(COUNTERS)}
    growing -= {panel.name for panel in panels() if "memory" in panel.name or "heap" in panel.name}
    assert growing
    assert {panel.name for panel in panels() if panel.per} == growing


def test_limits_are_drawn() -> None:
    limits = {panel.name: panel.limit for panel in panels() if panel.limit is not None}
    assert {"speed": 1, "loudness": -23, "true-peak": -1}.items() <= limits.items()
    assert {"steal", "machine-cpu", "machine-memory"} <= set(limits)


@pytest.mark.parametrize("server", [elasticsearch, opensearch])
def test_no_machine_is_left_out_silently(
    server: Callable[[Path], AbstractContextManager[Store]], tmp_path: Path
) -> None:
    """More than the lines of a chart: those that are left out are a line together."""
    (document,) = [line["document"] for line in recorded("trouble")][:1]
    machines = [f"mixer-{number:04}" for number in range(130)]
    panel = panel_named("speed")
    assert panel.other
    with server(tmp_path) as fresh:
        events = [
            sent_by_http({"media": document["media"] | {"instanceName": name, "speed": 1}})
            for name in machines
        ]
        assert not [item for item in fresh.bulk(events) if item["status"] >= 300]
        answer = fresh.search("metrics-*-organist", panel.query("10s"))
        found = [line["key"] for line in answer["aggregations"]["lines"]["buckets"]]
        others = fresh.search("metrics-*-organist", panel.query_of_others(found))
    assert found == machines[: panel.most]
    assert len(found) >= 100
    assert others["aggregations"]["other"]["buckets"]["__other__"]["doc_count"] == len(machines) - len(found)
