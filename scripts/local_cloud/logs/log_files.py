"""Where the logs of machines and functions are below a local cloud's data folder."""

from collections.abc import Iterator
from pathlib import Path

FUNCTIONS = Path("logs") / "lambda"
MACHINES = Path("machines")
_OUR_OWN = {"fork-server.log"}


def log_files(data_dir: Path) -> Iterator[tuple[Path, Path]]:
    """Yield every log that has something in it, with the path below which it is to be kept.

    ``functions/NAME.log`` for a function's, ``MACHINE/CONTAINER.log`` for a container's: Node-RED's with what
    FFmpeg and the flows told it.
    """
    for file in sorted((data_dir / FUNCTIONS).glob("*.log")):
        if file.name not in _OUR_OWN and file.stat().st_size:
            yield Path("functions") / file.name, file
    for file in sorted((data_dir / MACHINES).glob("*/logs/*.log")):
        if file.stat().st_size:
            yield Path(file.parent.parent.name) / file.name, file
