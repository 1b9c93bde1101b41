"""A production on air that is recorded into the local cloud's S3."""

import json
import os
import re
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import boto3
import psutil

from organist.local.local_session import MEDIA_BUCKET
from tests.end_to_end.conftest import Command
from tests.end_to_end.test_stop_and_sweep import endpoint_of, organist
from tests.end_to_end.video import probe
from tests.support.processes import with_descendants
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "shows"
RECORD = f"s3://{MEDIA_BUCKET}/{FOLDER}"
LOST_AT_MOST = 6.0  # seconds, with the machine


class Show:
    """A production on air that is recorded into the local cloud's S3."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._endpoint = endpoint_of(command)
        self.s3: S3Client = boto3.client(
            "s3",
            endpoint_url=self._endpoint,
            region_name="eu-west-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self._execution = command.read_until("Execution ").split()[-1]
        command.read_until("is on air")

    def stop(self) -> None:
        """Take it off air."""
        stopped = organist("stop", self._execution, "--endpoint-url", self._endpoint)
        assert stopped.returncode == 0, stopped.stderr

    def processes(self, role: str) -> dict[int, list[str]]:
        """What runs on a machine, with its arguments."""
        found = {}
        for pid in with_descendants(self._command.process.pid):
            try:
                process = psutil.Process(pid)
                if f"/{role}-" in process.cwd():
                    found[pid] = process.cmdline()
            except psutil.Error:
                continue
        return found

    def kill(self, role: str, having: str = "") -> datetime:
        """Kill what runs on a machine, or of that what has a text in its arguments; return when."""
        killed = {pid for pid, words in self.processes(role).items() if having in " ".join(words)}
        assert killed
        for pid in killed:
            with suppress(ProcessLookupError):  # one whose parent went before it
                os.kill(pid, signal.SIGKILL)
        return datetime.now(UTC)

    def wait_until_safe(self, seconds: float, name: str = "encoder") -> None:
        """Wait until so much of a recording is in S3."""
        wait_until(lambda: self._saved(name) >= seconds, 60)

    def _saved(self, name: str) -> float:
        listed = self.s3.list_objects_v2(Bucket=MEDIA_BUCKET, Prefix=FOLDER).get("Contents", [])
        tail = re.compile(rf"/{name}\.mp4\.tail/.*-(\d+)-[0-9a-f]{{8}}\.piece$")
        pieces = [tail.search(found["Key"]) for found in listed]
        return max((int(piece[1]) / 1000 for piece in pieces if piece), default=0.0)


def recorded_files(manifest: Path) -> list[dict[str, Any]]:
    """The files of a recording as its manifest has them, each held against what was fetched from S3."""
    files: list[dict[str, Any]] = json.loads(manifest.read_text())["files"]
    for file in files:
        path = manifest.with_name(file["name"])
        whole = path.read_bytes()
        assert (file["bytes"], file["crc32"]) == (len(whole), f"{crc32(whole):08x}")
        assert int(probe(path)["nb_read_frames"]) == file["frames"]
    return files


def began(file: dict[str, Any]) -> datetime:
    """When a file of a manifest began."""
    return datetime.fromisoformat(file["startedAt"])
