"""Record a production whose encoder stalls, is started again, and dies with its machine.

python -m tests.metrics.recorded.record_trouble build/recorded

Its ``metrics.ndjson`` lies in the folder that is named; the production fails, as it should.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from tests.soak.victims import kind_of

INPUT = Path(__file__).with_name("production.json")
ON_AIR = "is on air"
GOOD_SECONDS, STALL_SECONDS = 6, 6


def main() -> int:
    """Run the production, hurt it; return 0 when every hurt found its victim."""
    command = [
        sys.executable,
        "-u",
        "-m",
        "organist.main",
        "local",
        str(INPUT),
        "--metrics",
        "--output",
        sys.argv[1],
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as production:
        assert production.stdout is not None
        for line in production.stdout:
            sys.stdout.write(line)
            if ON_AIR in line:
                break
        hurt = _hurt(production.pid)
        sys.stdout.write(production.stdout.read())
    return 0 if hurt else 1


def _hurt(process_id: int) -> bool:
    time.sleep(GOOD_SECONDS)
    stalled = set()
    end = time.monotonic() + STALL_SECONDS
    while time.monotonic() < end:
        # The supervisor ends an engine that does not answer, and starts another.
        for one in _of_the_encoder(process_id):
            with suppress(psutil.Error):
                if kind_of(one.cmdline()) == "engine":
                    one.suspend()
                    stalled.add(one.pid)
        time.sleep(0.1)
    time.sleep(GOOD_SECONDS * 2)
    machine = list(_of_the_encoder(process_id))
    for one in machine:
        with suppress(psutil.Error):
            one.kill()
    return bool(stalled and machine)


def _of_the_encoder(process_id: int) -> Iterator[psutil.Process]:
    """The processes of the encoder machine, what started them first."""
    for process in psutil.Process(process_id).children(recursive=True):
        with suppress(psutil.Error):
            if process.environ().get("INSTANCE_NAME", "").startswith("encoder-"):
                yield process


if __name__ == "__main__":
    sys.exit(main())
