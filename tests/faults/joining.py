"""When a machine joins the cluster: after startNodeRED was told once to wait, and before it looks again.

On a machine of its own it takes half a minute or so, and startNodeRED always comes first. Here it takes
moments: without this, whether it is told to wait would depend on how busy the computer is.
"""

import threading
from collections import defaultdict
from typing import Any

from local_cloud.ecs import instance_operations
from local_cloud.ecs.errors import ClusterNotFound
from local_cloud.moto_patches.replacements import Replacements

TOLD_TO_WAIT = "InstanceNotRegistered"
JOINS_WITHIN = 2.0  # s; a machine that has ended meanwhile never does


class Joining:
    """Lets machines into the cluster, by name."""

    def __init__(self, replacements: Replacements) -> None:
        """Hold every machine back."""
        self._let_in: defaultdict[str, threading.Event] = defaultdict(threading.Event)
        self._joined: defaultdict[str, threading.Event] = defaultdict(threading.Event)
        self._register = replacements.replace(instance_operations, "register", self._when_let_in)

    def let_in(self, name: str) -> None:
        """Let the machine in, and wait until it is."""
        self._let_in[name].set()
        self._joined[name].wait(JOINS_WITHIN)

    def _when_let_in(self, state: Any, cluster: str, host: Any) -> Any:
        name = host.machine.name
        if not self._let_in[name].is_set():
            raise ClusterNotFound  # the agent tries again
        registered = self._register(state, cluster, host)
        self._joined[name].set()
        return registered
