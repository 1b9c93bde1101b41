"""Our end of the guardian (see ``guardian_process``): starts it, tells it of groups, lets it go."""

import os
import subprocess
import sys
from pathlib import Path

GUARDIAN_PROCESS = Path(__file__).with_name("guardian_process.py")


class Guardian:
    """Kills every process group that is still noted when this process ends, in whatever way.

    ``descriptor`` is the writing end of its pipe. A child that inherits it can note itself before it runs
    anything (``processes.start_group``), so there is no moment in which a process is unknown to the guardian.
    """

    def __init__(self) -> None:
        reading, self.descriptor = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARDIAN_PROCESS)],
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
        """End the guardian, which kills whatever is still noted."""
        os.close(self.descriptor)
        self._process.wait()
