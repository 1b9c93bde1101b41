"""Runs the example's production on the local cloud and takes a picture of its watch page, in mid-fade."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from local_cloud import toolchain

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
PICTURE = REPOSITORY / "docs" / "images" / "watch-page.jpg"
PRODUCTION = REPOSITORY / "build" / "screenshots"
POSITION_SECONDS = 13.0  # of the video: step_functions/mediaInput.json fades from 10 s to 15 s
ADDRESS = re.compile(r"^Watch it: (http://\S+)$")


class NotOnAirError(Exception):
    """The production ended before it could be watched."""


def main() -> None:
    """Write the picture; the production goes to its own end."""
    toolchain.install_packages(FOLDER)
    organist = [sys.executable, "-m", "organist.main", "local", "--output", str(PRODUCTION)]
    with subprocess.Popen(organist, stdout=subprocess.PIPE, text=True) as production:
        assert production.stdout is not None  # noqa: S101 - PIPE was asked for
        try:
            take_picture(watch_address(production.stdout))
        finally:
            production.terminate()
    sys.stdout.write(f"{PICTURE.relative_to(REPOSITORY)}: {PICTURE.stat().st_size:,} bytes\n")


def watch_address(lines: Iterable[str]) -> str:
    """The address of the watch page, from what `organist local` prints; ``NotOnAirError`` without one."""
    said = []
    for line in lines:
        said.append(line)
        if found := ADDRESS.match(line):
            return found.group(1)
    raise NotOnAirError(f"The production ended without pictures. It said:\n{''.join(said)}")


def take_picture(address: str) -> None:
    """Write the picture of a watch page; ``subprocess.CalledProcessError`` if the browser cannot."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    take = [str(toolchain.node()), str(FOLDER / "take.mjs"), address, str(PICTURE), str(POSITION_SECONDS)]
    subprocess.run(take, check=True)


if __name__ == "__main__":
    main()
