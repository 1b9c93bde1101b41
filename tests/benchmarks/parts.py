"""The parts of a production's time to on air, each until the slower machine has done it."""

from collections.abc import Mapping
from datetime import datetime

from organist.report.history import Step, StepChange

LAUNCH = "input checked, machines launched"
JOIN = "machines boot and join the cluster"
NODE_RED = "Node-RED starts, its modules are there"
FLOWS = "flows are deployed"
PICTURES = "first pictures"
BOUNDARIES = {
    "NewInstance": LAUNCH,
    "StartNodeRED": JOIN,
    "InstallNodeREDModule": NODE_RED,
    "DeployNodeREDModule": FLOWS,
    "GoOnAir": PICTURES,
}
"""The state whose last end ends each part, in order."""


class Parts:
    """Takes the steps of an execution; gives the seconds of each part."""

    def __init__(self, started_at: datetime) -> None:
        """Begin with the execution's start."""
        self._started_at = started_at
        self._ends: dict[str, datetime] = {}

    def add(self, step: Step) -> None:
        """Take one step into account."""
        if step.change is StepChange.LEFT and step.state in BOUNDARIES:
            self._ends[BOUNDARIES[step.state]] = step.at

    def seconds(self) -> Mapping[str, float]:
        """Return the parts' seconds, in order; their sum is the time to on air."""
        begin, parts = self._started_at, {}
        for part in BOUNDARIES.values():
            if part in self._ends:
                parts[part] = (self._ends[part] - begin).total_seconds()
                begin = self._ends[part]
        return parts
