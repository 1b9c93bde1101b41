"""What can be hurt of a production on the local cloud, by what each process does."""

import random
import signal
from collections.abc import Sequence
from contextlib import suppress

import psutil

SIGNALS = (signal.SIGKILL, signal.SIGSTOP)


# A word of the command line by which a process is known: how it begins, how it ends. The first that fits.
_MARKS = (
    ("engine", "", "engine/main.js"),
    ("Node-RED", "", "node-red/red.js"),
    ("ingest", "unix:", ""),
    ("receiver", "", "pipe,srt"),
    ("encoder", "", "pipe:3"),
    ("output", "", "pipe:0"),
)


def kind_of(command: Sequence[str]) -> str | None:
    """Return what a process does by its command line; None for one that is left alone."""
    for kind, begin, end in _MARKS:
        if any(word.startswith(begin) and word.endswith(end) for word in command):
            return kind
    return None


def victims(process_id: int) -> dict[str, list[psutil.Process]]:
    """Return the processes that descend from one and can be hurt, by kind."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.Process(process_id).children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if kind := kind_of(process.cmdline()):
                found.setdefault(kind, []).append(process)
    return found


def hurt(process_id: int, chance: random.Random) -> tuple[str, str] | None:
    """Kill or stop one process that descends from another: each kind is as likely.

    Returns:
        The kind and the signal's name; None when there is nothing to hurt, or it ended by itself just now.
    """
    found = victims(process_id)
    if not found:
        return None
    kind = chance.choice(sorted(found))
    how = chance.choice(SIGNALS)
    with suppress(psutil.NoSuchProcess):
        chance.choice(found[kind]).send_signal(how)
        return kind, how.name
    return None
