"""The programme goes on, live: to an RTMP server whose key nobody sees, and to an SRT receiver that calls."""

import json
import re
import shlex
import signal
import subprocess
from pathlib import Path

from local_cloud import toolchain
from tests.end_to_end.conftest import Commands
from tests.end_to_end.test_live_sources import organist_sources
from tests.end_to_end.test_stop_and_sweep import organist
from tests.end_to_end.video import probe
from tests.support.waiting import wait_until

SERVICE, KEY = "127.0.0.98", "the-key-of-the-service"
LEAST_FRAMES = 100


def test_a_streaming_service_and_a_receiver_get_the_programme(commands: Commands, tmp_path: Path) -> None:
    taken, received = tmp_path / "taken.flv", tmp_path / "received.ts"
    quiet = [str(toolchain.ffmpeg()), "-v", "error", "-y"]
    url = f"rtmp://{SERVICE}:1935/live"
    service = subprocess.Popen(
        [*quiet, "-listen", "1", "-i", f"{url}/{KEY}", "-c", "copy", taken], stdin=subprocess.DEVNULL
    )
    known = tmp_path / "secrets.json"
    known.write_text(json.dumps({"organist/organist/service": KEY}))
    known.chmod(0o600)
    destinations = [
        {"kind": "rtmp", "name": "the service", "url": url, "keySecret": "organist/organist/service"},
        {"kind": "srt", "name": "whoever calls", "mode": "listener"},
    ]
    command = commands.start(
        commands.document(runSeconds=600, output={"destinations": destinations}), "--secrets", known
    )
    receiver = None
    try:
        endpoint = re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))
        execution = command.read_until("Execution ").split()[-1]
        command.read_until("is on air")
        assert endpoint is not None
        line = re.search(r"^ *receive +ffplay (.*)$", organist_sources(endpoint[0], execution), re.MULTILINE)
        assert line is not None
        receiver = subprocess.Popen(
            [*quiet, "-i", *shlex.split(line[1]), "-c", "copy", received], stdin=subprocess.DEVNULL
        )
        wait_until(lambda: all(has_enough(path) for path in (taken, received)), 60, 0.5)
        assert organist("stop", execution, "--endpoint-url", endpoint[0]).returncode == 0
        finished = command.finish()
        service.wait(timeout=20)
        receiver.wait(timeout=20)
    finally:
        for process in (service, receiver):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
    assert finished.code == 0, finished.printed
    for path in (taken, received):
        assert int(probe(path)["nb_read_frames"]) > LEAST_FRAMES, path
    assert re.search(r"Destination +the service: sending, 0 restarts, 0\.\d MB missed", finished.printed)
    assert re.search(r"Destination +whoever calls: sending", finished.printed)
    everything = [
        path for path in finished.output.rglob("*") if path.is_file() and path.suffix in (".log", ".json")
    ]
    assert not [path for path in everything if KEY in path.read_text(errors="replace")]


def has_enough(path: Path) -> bool:
    """Whether so many pictures can be read of a file that is still written, if there is one.

    FFprobe tells it of the stream itself and of the stream in its program, if the file has programs.
    """
    counted = subprocess.run(
        [
            *(str(toolchain.ffprobe()), "-v", "quiet", "-count_packets", "-select_streams", "v:0"),
            *("-show_entries", "stream=nb_read_packets", "-of", "default=nokey=1:noprint_wrappers=1", path),
        ],
        capture_output=True,
        check=False,
    )
    return int((counted.stdout.split() or [b"0"])[0]) > LEAST_FRAMES
