"""What a machine does with its user data: the lines that the project's script is about."""

import re
from dataclasses import dataclass

_CLUSTER = re.compile(r"""\bECS_CLUSTER=["']?([A-Za-z0-9_-]+)""")
_SHUTDOWN = re.compile(r"""\bshutdown\s+(?:-[a-zA-Z]+\s+)*["']?\+(\d+)""")
_TIMER = re.compile(r"\bsystemd-run\s+--on-active=(\d+)m\b[^\n]*\bpoweroff\b")


@dataclass(frozen=True)
class UserData:
    """The cluster to join (None: it is no container host), and the first timer that ends it (min)."""

    cluster: str | None
    shutdown_minutes: int | None


def read_user_data(script: str) -> UserData:
    """Find ``ECS_CLUSTER=…`` and the timers in a user data script; comments do not count.

    A timer is ``shutdown … +MINUTES`` or ``systemd-run --on-active=MINUTESm … poweroff``.
    """
    lines = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("#"))
    cluster = _CLUSTER.search(lines)
    timers = [int(timer[1]) for kind in (_SHUTDOWN, _TIMER) if (timer := kind.search(lines))]
    return UserData(
        cluster=cluster.group(1) if cluster else None,
        shutdown_minutes=min(timers, default=None),
    )
