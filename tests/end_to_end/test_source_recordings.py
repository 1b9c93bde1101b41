"""Each source recorded by itself, beside the programme: what is in the files, and a machine that dies."""

import re
from datetime import timedelta
from itertools import dropwhile, groupby
from pathlib import Path
from typing import Any

import numpy as np

from tests.end_to_end.conftest import Commands
from tests.end_to_end.show import LOST_AT_MOST, RECORD, Show, began, recorded_files
from tests.end_to_end.video import RATE, SAMPLE_RATE, decode, decode_sound

SOURCES = {"1-red": ("#b41e1e", 1000), "2-blue": ("#1e1eb4", 800)}
"""Colour and tone (Hz, the patterns' by their bus) of each recording."""
NOTHING_YET = "black or the slate"
COLOURS = {name: tuple(bytes.fromhex(c[1:])) for name, (c, _) in SOURCES.items()}
NEAR = 6  # of 255, after H.264
FEW = 3  # frames
FRAME_RATE = 25
CUT_SECONDS = 8  # after the mixer's first picture
WITHIN_SECONDS = 1.0  # what the link takes, how exact startedAt is, and how far apart the pictures are


def show_of(*, run_seconds: int, **output: Any) -> dict[str, Any]:
    """Two colours with a cut from the one to the other, recorded by themselves, too."""
    return {
        "runSeconds": run_seconds,
        "sources": [
            {"kind": "pattern", "pattern": "colour", "colour": colour, "name": name[2:]}
            for name, (colour, _) in SOURCES.items()
        ],
        "mix": {
            "width": 320,
            "height": 180,
            "fader": 1,
            "fades": [{"atSeconds": CUT_SECONDS, "fader": 0, "seconds": 0}],
        },
        "output": {"record": RECORD, "recordSources": True} | output,
    }


def shown_in(path: Path) -> list[str]:
    """What a file shows, one after the other, from a source's first picture on."""
    shown = [name for name, _ in groupby(map(colour_of, decode(path)))]
    return list(dropwhile(lambda name: name == NOTHING_YET, shown))


def first_of(name: str, path: Path) -> timedelta:
    """When a file shows a source first."""
    return timedelta(seconds=list(map(colour_of, decode(path))).index(name) / RATE)


def colour_of(picture: Any) -> str:
    """Which source a picture shows in its middle; the time code stands in a corner."""
    seen = picture[12:24, 20:44].reshape(-1, 3).astype(int)
    shown = [name for name, colour in COLOURS.items() if np.abs(seen - colour).max() <= NEAR]
    return shown[0] if shown else NOTHING_YET


def tone_of(path: Path) -> float:
    """The loudest frequency of a recording's sound (Hz), of which there must be some."""
    samples = decode_sound(path)
    assert np.abs(samples).max() > 0.05
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(samples)


def test_each_is_whole_beside_the_programme(commands: Commands) -> None:
    run_seconds = 12
    finished = commands.start(commands.document(**show_of(run_seconds=run_seconds))).finish()
    assert finished.code == 0, finished.printed
    folder = finished.output / "recording"
    (programme,) = recorded_files(folder / "encoder.json")
    sources = {name: recorded_files(folder / "sources" / f"{name}.json") for name in SOURCES}
    assert [[file["state"] for file in files] for files in sources.values()] == [["complete"], ["complete"]]
    for name, (file,) in sources.items():
        path = folder / "sources" / file["name"]
        assert shown_in(path) == [name]
        assert abs(tone_of(path) - SOURCES[name][1]) < 1
        # All of the show is there; by how much which machine is off air first, nobody says.
        assert began(file) < began(programme)
        on_air_until = began(programme) + timedelta(seconds=run_seconds)
        assert began(file) + timedelta(seconds=(file["frames"] + FEW) / FRAME_RATE) > on_air_until
        assert f"encoder-sources/{name}.mp4: complete, {file['frames']:,} frames" in finished.printed
    one, two = (file for (file,) in sources.values())
    assert abs(one["frames"] - two["frames"]) <= FEW
    assert abs(one["clockSeconds"] - two["clockSeconds"]) <= FEW / FRAME_RATE
    assert shown_in(folder / "encoder.mp4") == list(SOURCES), "the programme was cut once"
    mixed_at = began(one) + first_of("1-red", folder / "sources" / "1-red.mp4")
    cut_at = began(programme) + first_of("2-blue", folder / "encoder.mp4")
    assert abs((cut_at - mixed_at).total_seconds() - CUT_SECONDS) < WITHIN_SECONDS
    assert not list((finished.output / "mixer").glob("*.mp4")), "and not on the machine's disk beside it"


def test_a_machine_that_dies_costs_each_of_them_seconds(commands: Commands) -> None:
    command = commands.start(commands.document(**show_of(run_seconds=120)))
    show = Show(command)
    for name in SOURCES:
        show.wait_until_safe(8, name)
    killed_at = show.kill("mixer")
    finished = command.finish()
    assert finished.code == 1
    folder = finished.output / "recording"
    for name in SOURCES:
        (file,) = recorded_files(folder / "sources" / f"{name}.json")
        assert file["state"] == "recovered"
        assert file["seconds"] >= (killed_at - began(file)).total_seconds() - LOST_AT_MOST
        assert shown_in(folder / "sources" / file["name"]) == [name]
        assert re.search(rf"encoder-sources/{name}\.mp4: recovered, \d+ frames", finished.printed)
    assert [file["state"] for file in recorded_files(folder / "encoder.json")] == ["complete"]
    assert "LEFT" not in finished.printed
