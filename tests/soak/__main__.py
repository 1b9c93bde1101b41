"""``make soak``: a real production of some minutes, a process of it killed or stopped every few seconds.

It prints what was hurt, and the production's own summary: what it lost. It fails when the production does.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from local_cloud.paths import REPOSITORY
from organist.repository import EXAMPLE_INPUT
from tests.soak.victims import hurt

ON_AIR = "is on air"
LEAST_PAUSE, LONGEST_PAUSE = 5.0, 15.0  # seconds between two kills: what was hurt is back by then
QUIET_SECONDS = 15  # before the end nothing is hurt


def main() -> int:
    """Run the production and print; return its exit code."""
    options = _options()
    chance = random.Random(options.seed)  # noqa: S311 - the same seed hurts in the same order
    document = json.loads(EXAMPLE_INPUT.read_text()) | {"runSeconds": round(options.minutes * 60)}
    hurts: Counter[tuple[str, str]] = Counter()
    over = threading.Event()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        given = Path(name) / "input.json"
        given.write_text(json.dumps(document))
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "organist.main",
                "local",
                given,
                "--output",
                REPOSITORY / "build" / "soak",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as production:
            killer: threading.Thread | None = None
            assert production.stdout is not None
            for line in production.stdout:
                sys.stdout.write(line)
                if ON_AIR in line and killer is None:
                    span = document["runSeconds"] - QUIET_SECONDS
                    killer = threading.Thread(target=_kill, args=(production.pid, chance, hurts, over, span))
                    killer.start()
            over.set()
            if killer:
                killer.join()
    _print(hurts, options.seed)
    return production.returncode


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A production with processes killed at random.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    return parser.parse_args()


def _kill(
    process_id: int,
    chance: random.Random,
    hurts: Counter[tuple[str, str]],
    over: threading.Event,
    span: float,
) -> None:
    passed = 0.0
    while (pause := chance.uniform(LEAST_PAUSE, LONGEST_PAUSE)) + passed < span and not over.wait(pause):
        passed += pause
        if what := hurt(process_id, chance):
            hurts[what] += 1


def _print(hurts: Counter[tuple[str, str]], seed: int) -> None:
    sys.stdout.write(f"Hurt (seed {seed}), {sum(hurts.values())} times:\n")
    for (kind, how), times in sorted(hurts.items()):
        sys.stdout.write(f"  {kind:<10}{how:<10}{times:>4}\n")


if __name__ == "__main__":
    sys.exit(main())
