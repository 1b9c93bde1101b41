"""A whole production as `make demo` runs it: what a person sees, and what is in the encoded pictures."""

import json
import re
from collections import defaultdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from organist.report.cost_model import EXPECTED, one_line
from organist.report.expected_use import expected_use
from tests.end_to_end.aws_cli import aws, machine_arn
from tests.end_to_end.conftest import REPOSITORY, Commands, Finished
from tests.end_to_end.video import RATE, SAMPLE_RATE, Frames, decode, decode_sound, probe
from tests.support.waiting import wait_until

INPUT = REPOSITORY / "step_functions" / "mediaInput.json"
DOCUMENT: dict[str, Any] = json.loads(INPUT.read_text())


class OnAir:
    """What could be seen while the production was on air."""

    def __init__(self) -> None:
        self.page = self.still = self.playlist = requests.Response()
        self.editor = requests.Response()
        self.executions: dict[str, Any] = {}
        self.log: dict[str, Any] = {}
        self.metrics_page = self.metrics = requests.Response()


@pytest.fixture(scope="module")
def production(module_commands: Commands) -> tuple[Finished, OnAir]:
    """Run the demo's production once for all tests of this module."""
    command = module_commands.start(INPUT, "--metrics")
    seen = OnAir()
    metrics = re.search(r"http://\S+", command.read_until("Metrics: "))[0]  # type: ignore[index]
    endpoint = re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))[0]  # type: ignore[index]
    editor = re.search(r"http://\S+", command.read_until("Editor of mixer-"))[0]  # type: ignore[index]
    watch = re.search(r"http://\S+", command.read_until("Watch it:"))[0]  # type: ignore[index]
    command.read_until("is on air")
    seen.page = requests.get(watch, timeout=10)
    seen.still = first_found(f"{watch}still.jpg")
    seen.playlist = first_found(f"{watch}hls/live.m3u8")
    seen.editor = requests.get(f"{editor}flows", timeout=10)
    seen.executions = aws(endpoint, "list-executions", "--state-machine-arn", machine_arn(endpoint))
    seen.log = aws(endpoint, "filter-log-events", "--log-group-name", "NTS", service="logs")
    seen.metrics_page = requests.get(metrics, timeout=10)
    seen.metrics = requests.get(f"{metrics}documents", timeout=10)
    return command.finish(), seen


def first_found(url: str) -> requests.Response:
    """Ask until it is there: pictures are encoded before the still and the first HLS segment are complete."""

    def found() -> requests.Response | None:
        answer = requests.get(url, timeout=10)
        return None if answer.status_code == HTTPStatus.NOT_FOUND else answer

    return wait_until(found)


@pytest.fixture(scope="module")
def documents(production: tuple[Finished, OnAir]) -> list[dict[str, Any]]:
    """What the machines said of themselves, as it was kept."""
    kept = (production[0].output / "metrics.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["document"] for line in kept]


@pytest.fixture(scope="module")
def frames(production: tuple[Finished, OnAir]) -> Frames:
    return decode(recording(production))


def recording(production: tuple[Finished, OnAir]) -> Path:
    return production[0].output / "encoder" / "encoder.mp4"


def test_it_succeeds_and_leaves_nothing(production: tuple[Finished, OnAir]) -> None:
    finished, _ = production
    assert finished.code == 0, finished.printed
    assert "The production SUCCEEDED." in finished.printed
    assert re.search(r"Instances +2 started, 2 removed\n", finished.printed)
    assert re.search(r"Tasks +2 started, 2 removed\n", finished.printed)
    assert "LEFT" not in finished.printed


def test_the_summary_tells_time_and_frames(production: tuple[Finished, OnAir]) -> None:
    printed = production[0].printed
    assert re.search(r"Time to on air +\d+\.\d s", printed)
    on_air = float(re.search(r"On air +(\d+\.\d) s", printed)[1])  # type: ignore[index]
    assert DOCUMENT["runSeconds"] <= on_air < DOCUMENT["runSeconds"] + 10
    frames = r"Frames +(\d+) mixed, (\d+) recorded; (\d+) mixed and not recorded, (\d+) dropped"
    counted = re.search(frames, printed)
    assert counted is not None
    expected = DOCUMENT["runSeconds"] * DOCUMENT["mix"]["frameRate"]
    assert int(counted[1]) > expected * 0.9
    assert int(counted[2]) > expected * 0.9
    assert int(counted[3]) == max(0, int(counted[1]) - int(counted[2]))
    cost = one_line(expected_use(DOCUMENT), EXPECTED)
    assert " ".join(cost.split()) in " ".join(printed.split())


def test_it_can_be_watched_while_on_air(production: tuple[Finished, OnAir]) -> None:
    _, seen = production
    assert seen.page.status_code == 200
    assert "live.m3u8" in seen.page.text
    assert seen.playlist.text.startswith("#EXTM3U")
    assert seen.still.content[:2] == b"\xff\xd8"


def test_nobody_gets_into_the_editors_api_without_signing_in(production: tuple[Finished, OnAir]) -> None:
    assert production[1].editor.status_code == 401


def test_the_aws_command_line_sees_it(production: tuple[Finished, OnAir]) -> None:
    (execution,) = production[1].executions["executions"]
    assert execution["status"] == "RUNNING"


def test_the_machines_log_is_in_the_log_group_that_errors_name(production: tuple[Finished, OnAir]) -> None:
    streams: dict[str, list[str]] = defaultdict(list)
    for event in production[1].log["events"]:
        streams[event["logStreamName"]].append(event["message"])
    assert len(streams) == 2, "a stream a machine"
    assert any("Chain encoder: running" in line for lines in streams.values() for line in lines)


def test_the_logs_are_kept(production: tuple[Finished, OnAir]) -> None:
    folder = production[0].output / "logs"
    kept = {path.relative_to(folder).parts[0].partition("-")[0] for path in folder.rglob("*.log")}
    assert kept == {"mixer", "encoder", "functions"}
    (log,) = folder.glob("mixer-*/Node-RED.log")
    assert "Chain mixer: running" in log.read_text(encoding="utf-8")
    assert str(folder) in production[0].printed


def test_the_metrics_are_seen_live(production: tuple[Finished, OnAir]) -> None:
    finished, seen = production
    assert "page.mjs" in seen.metrics_page.text
    answer = seen.metrics.json()
    assert answer["refused"] == 0
    states = {record["document"].get("media", {}).get("state") for record in answer["records"]}
    assert "running" in states
    assert re.search(r"encoder-\w+ +running: \d+ frames, \d+ dropped", finished.printed)


def test_every_chain_and_process_is_in_the_kept_metrics(documents: list[dict[str, Any]]) -> None:
    chains = [document["media"] for document in documents if "media" in document]
    processes = [document["nodeJS"] for document in documents if "nodeJS" in document]
    assert {chain["chain"] for chain in chains} == {"mixer", "encoder"}
    assert len({chain["productionId"] for chain in chains}) == 1
    assert {process["instanceName"] for process in processes} == {chain["instanceName"] for chain in chains}
    # One each second a chain, one every other second a process; the ends of the run may lack some.
    seconds = DOCUMENT["runSeconds"]
    assert len(chains) >= 2 * seconds * 0.9
    assert len(processes) >= seconds * 0.9
    for chain in ("mixer", "encoder"):
        frames = [media["frames"] for media in chains if media["chain"] == chain]
        assert frames == sorted(frames)
        assert frames[-1] > seconds * DOCUMENT["mix"]["frameRate"] * 0.9


def test_the_summary_tells_what_the_metrics_say(
    production: tuple[Finished, OnAir], documents: list[dict[str, Any]]
) -> None:
    printed = production[0].printed
    last = {media["chain"]: media for media in (found.get("media") for found in documents) if media}
    for chain, media in last.items():
        # An encoder that was there long before its mixer has begun again.
        counted = f"{media['frames']} frames, {media['droppedFrames']} dropped, {media['restarts']} restarts"
        assert re.search(rf"Metrics +{chain}-\w+: {counted}; lowest [\d.]+ frames/s", printed), printed
    assert re.search(r"metrics\.ndjson has \d+ documents\n", printed)


def test_the_recording_is_h264_of_the_size_rate_and_length(production: tuple[Finished, OnAir]) -> None:
    video = probe(recording(production))
    assert video["codec_name"] == "h264"
    assert (video["width"], video["height"]) == (DOCUMENT["mix"]["width"], DOCUMENT["mix"]["height"])
    assert video["avg_frame_rate"] == f"{DOCUMENT['mix']['frameRate']}/1"
    assert video["seconds"] == pytest.approx(DOCUMENT["runSeconds"], abs=6)
    assert int(video["nb_read_frames"]) == pytest.approx(video["seconds"] * 25, rel=0.02)


def test_the_sound_of_the_recording_has_no_hole(production: tuple[Finished, OnAir]) -> None:
    """From when the encoder for it has begun until both machines go off air, at the same time."""
    sound = decode_sound(recording(production))[
        SAMPLE_RATE // 10 : SAMPLE_RATE * (DOCUMENT["runSeconds"] - 1)
    ]
    moments = np.sqrt((sound[: len(sound) // 240 * 240].reshape(-1, 240) ** 2).mean(axis=1))
    assert moments.min() > 0.7 * np.median(moments)


def test_both_sources_are_in_the_recording_with_two_cuts_and_the_mix_between(frames: Frames) -> None:
    first, last = frames[RATE].astype(float), frames[-2].astype(float)
    # SMPTE RP 219 between two grey edges: white, yellow, cyan, green, magenta, red, blue, from left to right.
    bars = first[8, [11, 18, 25, 32, 39, 46, 53]]
    grey, yellow, cyan, green, magenta, red, blue = (bar / max(bar.max(), 1) for bar in bars)
    assert grey.min() > 0.85
    assert yellow[2] < 0.3 < yellow[:2].min()
    assert cyan[0] < 0.3 < cyan[1:].min()
    assert green[[0, 2]].max() < 0.3 < green[1]
    assert magenta[1] < 0.3 < magenta[[0, 2]].min()
    assert red[1:].max() < 0.3 < red[0]
    assert blue[:2].max() < 0.3 < blue[2]
    # The second source looks different, and every step of the mix is a mixture of both.
    difference = (first - last).ravel()
    assert np.abs(difference).mean() > 20
    weights = np.array(
        [float((frame - last).ravel() @ difference / (difference @ difference)) for frame in frames]
    )
    assert weights[:RATE].min() > 0.9
    assert weights[-RATE:].max() < 0.2
    between = weights[(weights > 0.25) & (weights < 0.75)]
    assert len(between) >= RATE * DOCUMENT["mix"]["fades"][-1]["seconds"] * 0.3
    assert np.all(np.diff(between) < 0.05)
    # Cut to the second source for two seconds, back to the first, and in the mix to the second.
    changes = np.flatnonzero(np.diff(weights > 0.5))
    away, back, mixed = DOCUMENT["mix"]["fades"]
    assert len(changes) == 3
    assert changes[1] - changes[0] == pytest.approx(RATE * (back["atSeconds"] - away["atSeconds"]), abs=1)
    half = mixed["atSeconds"] + mixed["seconds"] / 2
    assert changes[2] - changes[1] == pytest.approx(RATE * (half - back["atSeconds"]), abs=2)
    assert np.all(weights[changes[0] + 2 : changes[1]] < 0.1)


def test_hls_and_a_still_are_left_in_the_folder(production: tuple[Finished, OnAir]) -> None:
    folder = production[0].output / "encoder"
    playlist = (folder / "hls" / "live.m3u8").read_text()
    segments = re.findall(r"^(?!#).+$", playlist, re.MULTILINE)
    assert segments
    assert all((folder / "hls" / segment).is_file() for segment in segments)
    assert (folder / "still.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert str(recording(production)) in production[0].printed
