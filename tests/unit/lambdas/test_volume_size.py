"""The size of a machine's volume: what the production writes, what is there anyway, and EC2's limits."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lambdas.engines.production_plan import make_production
from lambdas.modules.catalogue import Engine
from lambdas.production.errors import InvalidInput
from lambdas.production.machines.volume_size import (
    LARGEST_GIB,
    RING_SECONDS,
    SEGMENTS_KEPT,
    SMALLEST_GIB,
    machine_volume,
)
from lambdas.production.model import ENCODER, MIXER
from lambdas.validate_input import check_document, check_limits

REPOSITORY = Path(__file__).parents[3]
EXECUTION = {"id": "arn:evening-news", "name": "evening-news", "startTime": "2026-11-22T19:00:00Z"}


def document(**more: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((REPOSITORY / "step_functions" / "mediaInput.json").read_text())
    return read | more


def sizes(document: dict[str, Any]) -> list[int]:
    check_document(document)
    return [machine["volumeGiB"] for machine in make_production(document, EXECUTION)["machines"]]


def test_a_short_production_has_the_smallest_volume_that_the_machine_image_allows() -> None:
    assert sizes(document()) == [SMALLEST_GIB, SMALLEST_GIB]


def test_the_encoders_volume_holds_twelve_hours_of_recording() -> None:
    mixer, encoder = sizes(document(runSeconds=43_200, encode={"bitRate": 20_000_000}))
    assert mixer == SMALLEST_GIB
    recorded = 20e6 / 8 * 43_200 / 2**30  # GiB
    assert recorded + 8 < encoder < recorded * 1.1 + 15


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ({}, 2),
        ({"output": {"segmentSeconds": 10}}, 10),
        ({"encode": {"bitRate": 8_000_000, "gopFrames": 25}}, 2),
    ],
)
def test_hls_keeps_its_playlist_and_six_more(more: dict[str, Any], seconds: int) -> None:
    whole = make_production(document(encode={"bitRate": 8_000_000}) | more, EXECUTION)
    kept = machine_volume(ENCODER, Engine.MEDIA, dict(whole)).segments
    assert kept == pytest.approx((8_000_000 + 192_000) / 8 * 1.05 * seconds * 36)


def test_the_segments_are_those_of_the_media_nodes() -> None:
    packager = REPOSITORY / "tasks/node-red/media-nodes/engine/outputs/packaging/packager.js"
    window, linger = re.findall(r"^const (?:WINDOW|LINGER) = (\d+)$", packager.read_text(), re.MULTILINE)
    assert int(window) + int(linger) + 1 == SEGMENTS_KEPT


@pytest.mark.parametrize("role", [MIXER, ENCODER])
def test_dynamorse_writes_to_s3_and_not_to_the_volume(role: str) -> None:
    whole = make_production(document(runSeconds=43_200), EXECUTION)
    volume = machine_volume(role, Engine.DYNAMORSE, dict(whole))
    assert (volume.recording, volume.publishing, volume.segments) == (0, 0, 0)


def test_what_is_published_has_its_own_room_to_wait() -> None:
    more = {"encode": {"bitRate": 8_000_000}}
    whole = make_production(document(**more, output={"publish": "s3://shows"}), EXECUTION)
    volume = machine_volume(ENCODER, Engine.MEDIA, dict(whole))
    assert volume.publishing == pytest.approx((8_000_000 + 192_000) / 8 * 1.05 * 600)
    alone = machine_volume(ENCODER, Engine.MEDIA, dict(make_production(document(**more), EXECUTION)))
    assert alone.publishing == 0
    assert volume.segments == pytest.approx(2 * alone.segments, rel=0.001)


def test_renditions_are_kept_and_wait_too() -> None:
    ladder = {"encode": {"bitRate": 8_000_000, "renditions": [{"height": 360, "bitRate": 1_000_000}]}}
    whole = make_production(document(**ladder, output={"publish": "s3://shows"}), EXECUTION)
    volume = machine_volume(ENCODER, Engine.MEDIA, dict(whole))
    assert volume.publishing == pytest.approx((9_000_000 + 2 * 192_000) / 8 * 1.05 * 600)
    assert volume.segments == pytest.approx((9_000_000 + 2 * 192_000) / 8 * 1.05 * 2 * 36 * 2)


def test_sources_that_are_recorded_by_themselves_are_on_the_mixers_volume() -> None:
    def volume(**output: Any) -> int:
        whole = make_production(
            document(runSeconds=3600, encode={"bitRate": 8_000_000}, output=output), EXECUTION
        )
        return machine_volume(MIXER, Engine.MEDIA, dict(whole)).recording

    assert volume() == 0
    one = (8_000_000 + 192_000) / 8 * 1.05
    assert volume(recordSources=True) == pytest.approx(2 * one * (3600 + 20 * 60))
    assert volume(recordSources=["bus 2"], record="s3://shows") == pytest.approx(one * 600)


def test_what_may_wait_is_what_the_media_nodes_keep() -> None:
    waiting = REPOSITORY / "tasks/node-red/media-nodes/engine/outputs/storage/waiting.js"
    (seconds,) = re.findall(r"^const RING_SECONDS = (\d+)$", waiting.read_text(), re.MULTILINE)
    assert int(seconds) == RING_SECONDS


def test_a_volume_that_gp3_cannot_have_is_refused_with_the_arithmetic() -> None:
    # The schema allows no such document today.
    whole = make_production(document(runSeconds=100 * 86_400, encode={"bitRate": 100_000_000}), EXECUTION)
    assert whole["machines"][1]["volumeGiB"] > LARGEST_GIB
    with pytest.raises(InvalidInput) as refused:
        check_limits(whole)
    (message,) = refused.value.mistakes
    assert message.startswith("$.runSeconds is 8640000 and $.encode.bitRate 100000000; expected")
    whole["output"]["recordSources"] = True
    with pytest.raises(InvalidInput) as refused:
        check_limits(whole)
    assert len(refused.value.mistakes) == 2
    assert "65,536 GiB: recording 105," in message
    assert "+ publishing 0.0 + HLS segments 0.9 + image 0.7 + system 4.0 + margin 4.0 = 105," in message


def test_the_longest_production_of_all_can_be_had() -> None:
    whole = make_production(document(runSeconds=86_400, encode={"bitRate": 100_000_000}), EXECUTION)
    check_limits(whole)
    assert whole["machines"][1]["volumeGiB"] < 2000
