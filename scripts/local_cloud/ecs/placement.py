"""Whether a task fits on a container instance: remaining memory and CPU units, free host ports."""

from collections.abc import Iterable
from dataclasses import dataclass

from local_cloud.ecs.task import Definition

RESERVED_PORTS = frozenset(
    {(22, "tcp"), (2375, "tcp"), (2376, "tcp"), (51678, "tcp"), (51679, "tcp"), (51680, "tcp")}
)
"""What a container host keeps for itself (SSH, Docker, the agent)."""

Port = tuple[int, str]


@dataclass(frozen=True)
class Resources:
    """CPU units, memory in MiB and host ports: what a machine has, or what tasks take."""

    cpu: int
    memory: int
    ports: frozenset[Port] = frozenset()

    def __add__(self, other: "Resources") -> "Resources":
        return Resources(self.cpu + other.cpu, self.memory + other.memory, self.ports | other.ports)


def needs(definition: Definition) -> Resources:
    """What a task of the definition takes. A soft limit (memoryReservation) counts, if there is one."""
    total = Resources(0, 0)
    for container in definition["containerDefinitions"]:
        mappings = container.get("portMappings") or []
        total += Resources(
            cpu=int(container.get("cpu") or 0),
            memory=int(container.get("memoryReservation") or container.get("memory") or 0),
            ports=frozenset(
                (int(one["hostPort"]), one.get("protocol") or "tcp")
                for one in mappings
                if one.get("hostPort")
            ),
        )
    if definition.get("memory"):
        total = Resources(total.cpu, int(definition["memory"]), total.ports)
    return total


def taken(definitions: Iterable[Definition]) -> Resources:
    """What the tasks of all the given definitions take together, with what the host keeps for itself."""
    return sum((needs(definition) for definition in definitions), Resources(0, 0, RESERVED_PORTS))


def refusal(needed: Resources, has: Resources, used: Resources) -> str | None:
    """ECS's reason why a task cannot be placed (``RESOURCE:…``), None when it can."""
    if used.memory + needed.memory > has.memory:
        return "RESOURCE:MEMORY"
    if used.cpu + needed.cpu > has.cpu:
        return "RESOURCE:CPU"
    if used.ports & needed.ports:
        return "RESOURCE:PORTS"
    return None
