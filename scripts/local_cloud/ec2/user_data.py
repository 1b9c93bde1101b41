"""What a machine does with its user data: the lines that the project's script is about."""

import re
from dataclasses import dataclass

_CLUSTER = re.compile(r"""\bECS_CLUSTER=["']?([A-Za-z0-9_-]+)""")
_SHUTDOWN = re.compile(r"""\bshutdown\s+(?:-[a-zA-Z]+\s+)*["']?\+(\d+)""")
_IMAGE = re.compile(r"^image='([^']+)'", re.MULTILINE)
_TIMER = re.compile(r"\bsystemd-run\s+--on-active=(\d+)m\b[^\n]*\bpoweroff\b")


@dataclass(frozen=True)
class UserData:
    """The cluster to join (None: no container host), the first timer that ends it (min), an image to pull."""

    cluster: str | None
    shutdown_minutes: int | None
    image: str | None = None


def read_user_data(script: str) -> UserData:
    """Find ``ECS_CLUSTER=…`` and the timers in a user data script; comments do not count.

    A timer is ``shutdown … +MINUTES`` or ``systemd-run --on-active=MINUTESm … poweroff``; an image stands in
    a line ``image='…'``.
    """
    lines = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("#"))
    cluster, image = _CLUSTER.search(lines), _IMAGE.search(lines)
    timers = [int(timer[1]) for kind in (_SHUTDOWN, _TIMER) if (timer := kind.search(lines))]
    return UserData(
        cluster=cluster.group(1) if cluster else None,
        shutdown_minutes=min(timers, default=None),
        image=image.group(1) if image else None,
    )
