"""What a machine does with its user data: the two lines that the project's script is about."""

import re
from dataclasses import dataclass

_CLUSTER = re.compile(r"""\bECS_CLUSTER=["']?([A-Za-z0-9_-]+)""")
_SHUTDOWN = re.compile(r"""\bshutdown\s+(?:-[a-zA-Z]+\s+)*["']?\+(\d+)""")


@dataclass(frozen=True)
class UserData:
    """The cluster to join (None: the machine is no container host) and the shutdown timer in minutes."""

    cluster: str | None
    shutdown_minutes: int | None


def read_user_data(script: str) -> UserData:
    """Find ``ECS_CLUSTER=…`` and ``shutdown … +MINUTES`` in a user data script; comments do not count."""
    lines = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("#"))
    cluster = _CLUSTER.search(lines)
    shutdown = _SHUTDOWN.search(lines)
    return UserData(
        cluster=cluster.group(1) if cluster else None,
        shutdown_minutes=int(shutdown.group(1)) if shutdown else None,
    )
