"""Our end of the watchdog (see ``watchdog_process``): starts it, tells it of groups, lets it go."""

import os
import subprocess
import sys
from pathlib import Path

WATCHDOG_PROCESS = Path(__file__).with_name("watchdog_process.py")


class Watchdog:
    """Kills every process group that is still noted when this process ends, in whatever way.

    ``descriptor`` is the writing end of its pipe. A child that inherits it can note itself before it runs
    anything (``processes.start_group``), so there is no moment in which a process is unknown to the watchdog.
    """

    def __init__(self) -> None:
        reading, self.descriptor = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(WATCHDOG_PROCESS)],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading)

    def note(self, group: int) -> None:
        """From now on the process group ``group`` ends with us."""
        os.write(self.descriptor, f"+ {group}\n".encode())

    def forget(self, group: int) -> None:
        """The process group ``group`` has ended."""
        os.write(self.descriptor, f"- {group}\n".encode())

    def close(self) -> None:
        """End the watchdog, which kills whatever is still noted."""
        os.close(self.descriptor)
        self._process.wait()
