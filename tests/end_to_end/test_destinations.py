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
from tests.end_to_end.video import probe

SERVICE, KEY = "127.0.0.98", "the-key-of-the-service"
LEAST_FRAMES = 100  # of about 300


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
        commands.document(runSeconds=14, output={"destinations": destinations}), "--secrets", known
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
