"""The soak run hurts the processes that it says it does, and no other."""

import pytest

from tests.soak.victims import kind_of


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("node /app/media-nodes/engine/main.js .", "engine"),
        ("node /app/node_modules/node-red/red.js --userDir /data", "Node-RED"),
        ("ffmpeg -f lavfi -i testsrc2 -f nut -listen 1 unix:abc.sock", "ingest"),
        ("ffmpeg -f mpegts -i pipe:0 -f nut -listen 1 unix:abc.sock", "ingest"),
        ("ffmpeg -f concat -protocol_whitelist pipe,srt -i pipe:0 -c copy -f mpegts pipe:1", "receiver"),
        ("ffmpeg -f rawvideo -i pipe:0 -f f32le -i pipe:3 -f mpegts pipe:1", "encoder"),
        ("ffmpeg -f mpegts -i pipe:0 -c copy -f mp4 /media/encoder.mp4", "output"),
        ("node /app/supervisor.js", None),
        ("python -m local_cloud.watchdog", None),
        ("", None),
    ],
)
def test_a_process_is_known_by_its_command_line(command: str, kind: str | None) -> None:
    assert kind_of(command.split()) == kind
