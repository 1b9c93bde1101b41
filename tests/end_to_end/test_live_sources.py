"""A production with live sources on the local cloud: a sender that comes, and an object in S3."""

import json
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import requests

from local_cloud import toolchain
from organist.local.local_session import MEDIA_BUCKET
from tests.end_to_end.conftest import BIN, REPOSITORY, Commands
from tests.end_to_end.test_sources_and_fader import SIGN_IN, blue_film, sign_in
from tests.end_to_end.test_stop_and_sweep import organist
from tests.end_to_end.video import decode
from tests.support.waiting import wait_until

STUDIO, STUDIO_PORT, STUDIO_PASSPHRASE = "127.0.0.99", 9000, "passphraseofthestudio"
SDP = (
    "v=0\r\no=- 0 0 IN IP4 192.0.2.7\r\ns=-\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
)
KEY_FRAMES = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-bsf:v", "dump_extra=freq=keyframe"]
GREEN = [
    "-f",
    "lavfi",
    "-i",
    "color=color=0x00c000:size=320x180:rate=25",
    "-f",
    "lavfi",
    "-i",
    "sine=frequency=1000",
]


def organist_sources(endpoint: str, execution: str) -> str:
    """What `organist sources` prints."""
    done = subprocess.run(
        [BIN / "organist", "sources", execution, "--endpoint-url", endpoint, "--region", "eu-west-1"],
        cwd=REPOSITORY,
        env=os.environ | {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sender(printed: str, container: str) -> list[str]:
    """The FFmpeg line that was printed, with a green picture in place of INPUT."""
    found = re.search(rf"^ *FFmpeg +ffmpeg (.* -f {container} .*)$", printed, re.MULTILINE)
    assert found is not None, printed
    words = shlex.split(found[1])
    place = words.index("-i")
    assert words[place + 1] == "INPUT"
    return [str(toolchain.ffmpeg()), "-v", "error", "-nostdin", *words[:place], *GREEN, *words[place + 2 :]]


def test_a_sender_types_what_is_printed_and_is_on_air_beside_an_object(
    commands: Commands, tmp_path: Path
) -> None:
    sources = [
        {"kind": "srt", "name": "camera"},
        {"kind": "s3", "name": "opener", "location": f"s3://{MEDIA_BUCKET}/opener.mp4"},
        {"kind": "rtmp", "name": "drone"},
        {
            "kind": "srt",
            "name": "studio",
            "mode": "caller",
            "address": STUDIO,
            "port": STUDIO_PORT,
            "passphraseSecret": "organist/organist/studio",
        },
        {"kind": "rtp", "name": "feed", "sdp": SDP},
    ]
    known = tmp_path / "secrets.json"
    known.write_text(json.dumps({"organist/organist/studio": STUDIO_PASSPHRASE}))
    known.chmod(0o600)
    document = commands.document(
        runSeconds=600, sources=sources, mix={"width": 320, "height": 180, "fader": 0}
    )
    command = commands.start(document, "--secrets", known)
    endpoint = re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))[0]  # type: ignore[index]
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    s3.upload_file(str(blue_film(tmp_path / "blue.mp4")), MEDIA_BUCKET, "opener.mp4")
    execution = command.read_until("Execution ").split()[-1]
    signed_in = SIGN_IN.search(command.read_until("Editor of mixer-"))
    assert signed_in is not None
    command.read_until("is on air")

    printed = organist_sources(endpoint, execution)
    assert re.search(r"camera .*\n +state +not arriving", printed), printed
    assert "opener" not in printed
    senders = [
        subprocess.Popen(sender(printed, container), stdin=subprocess.DEVNULL)
        for container in ("mpegts", "flv")
    ]
    studio = f"srt://{STUDIO}:{STUDIO_PORT}?mode=listener&passphrase={STUDIO_PASSPHRASE}&pbkeylen=16"
    encoded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-f", "mpegts", studio]
    senders.append(
        subprocess.Popen(
            [toolchain.ffmpeg(), "-v", "error", "-re", *GREEN, *encoded], stdin=subprocess.DEVNULL
        )
    )
    place = re.search(r"RTP as the SDP describes it: .* to ([\d.]+), port (\d+)", printed)
    assert place is not None, printed
    feed = ["-map", "0:v", *KEY_FRAMES, "-f", "rtp", f"rtp://{place[1]}:{place[2]}?rtcpport={place[2]}"]
    senders.append(
        subprocess.Popen(
            [toolchain.ffmpeg(), "-v", "error", "-re", *GREEN, *feed],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    )
    try:

        def arrive() -> bool:
            return (
                len(re.findall(r"state +arriving$", organist_sources(endpoint, execution), re.MULTILINE)) == 4
            )

        wait_until(arrive, 20)
        secret = re.search(r"passphrase=(\w+)", printed)
        assert secret is not None
        move_fader(signed_in[1], signed_in[2], signed_in[3])
        (watch,) = re.findall(r"Watch it: (\S+)", "\n".join(command.lines))
        wait_until(lambda: is_green(still_of(watch)), 20)
        assert organist("stop", execution, "--endpoint-url", endpoint).returncode == 0
        finished = command.finish()
    finally:
        for process in senders:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert finished.code == 0, finished.printed
    for path in (finished.output / "logs").rglob("*"):
        logged = path.read_text(errors="replace") if path.is_file() else ""
        assert secret[1] not in logged, path
        assert STUDIO_PASSPHRASE not in logged, path
    pictures = decode(finished.output / "encoder" / "encoder.mp4").astype(float).mean(axis=(1, 2))
    assert abs(pictures[2] - [0, 0, 255]).max() < 40, "the object is on air at first"
    assert is_green(pictures[-3]), "the camera at the end"


def is_green(colour: Any) -> bool:
    """Whether it is the senders' colour."""
    return bool(abs(colour - [0, 192, 0]).max() < 40)


def still_of(watch: str) -> Any:
    """The mean colour of the newest picture of the programme."""
    still = requests.get(f"{watch.rstrip('/')}/still.jpg", timeout=10).content
    one_pixel = ["-vf", "scale=1:1:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    words = [str(toolchain.ffmpeg()), "-v", "error", "-f", "mjpeg", "-i", "pipe:0", *one_pixel]
    seen = subprocess.run(words, input=still, capture_output=True, check=True).stdout
    return np.frombuffer(seen, np.uint8).astype(float)


def move_fader(editor: str, user: str, password: str) -> None:
    """Put source 1 on programme."""
    header = sign_in(editor, user, password)
    moved = requests.post(f"{editor}/production/fader", json={"fader": 1}, headers=header, timeout=10)
    assert moved.status_code == 200, moved.text
