"""ECS's rules for a task definition that neither botocore's model nor moto checks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html
Each takes a definition in RegisterTaskDefinition's shape and gives what breaks it, in words.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

Definition = dict[str, Any]

# SSH, Docker and the ECS agent have these on every container host.
HOSTS_OWN_PORTS = frozenset({22, 2375, 2376, 51678, 51679, 51680})
LEAST_MEMORY_MIB = 6  # Docker gives a container no less
HEALTH_BOUNDS = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def containers_are_named_once(definition: Definition) -> Iterator[str]:
    """Every container has a name of its own, in the letters that ECS takes."""
    names = [container["name"] for container in definition["containerDefinitions"]]
    yield from (f"two containers are named {name}" for name in names if names.count(name) > 1)
    yield from (f"{name} is no name" for name in names if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name))


def something_is_essential(definition: Definition) -> Iterator[str]:
    """A task of which nothing is essential is refused."""
    if not any(container.get("essential", True) for container in definition["containerDefinitions"]):
        yield "no container is essential"


def memory_is_said(definition: Definition) -> Iterator[str]:
    """A limit or a reservation for each container, the limit the larger, unless the task has one."""
    for container in definition["containerDefinitions"]:
        limit, reserved = container.get("memory"), container.get("memoryReservation")
        if limit is None and reserved is None and "memory" not in definition:
            yield f"{container['name']} says no memory"
        if limit is not None and reserved is not None and limit <= reserved:
            yield f"{container['name']} reserves {reserved} MiB of a limit of {limit}"
        yield from (
            f"{container['name']} has {size} MiB"
            for size in (limit, reserved)
            if size is not None and size < LEAST_MEMORY_MIB
        )


def links_are_of_bridge_mode(definition: Definition) -> Iterator[str]:
    """Links exist in bridge mode only, lead to another container of the task, and never in a circle."""
    links = {
        container["name"]: [link.split(":")[0] for link in container.get("links", [])]
        for container in definition["containerDefinitions"]
    }
    if any(links.values()) and definition.get("networkMode", "bridge") != "bridge":
        yield f"links in {definition['networkMode']} mode"
    yield from _bad_references("links", links)


def dependencies_can_be_met(definition: Definition) -> Iterator[str]:
    """A condition that the other container can come to, and no circle.

    HEALTHY wants a health check there, COMPLETE and SUCCESS a container that may end: an essential one that
    ends takes the task with it.
    """
    containers = {container["name"]: container for container in definition["containerDefinitions"]}
    for name, container in containers.items():
        for dependency in container.get("dependsOn", []):
            other, condition = containers.get(dependency["containerName"]), dependency["condition"]
            if condition not in CONDITIONS:
                yield f"{name} waits for {condition}"
            if other is None:
                continue  # told below
            if condition == "HEALTHY" and "healthCheck" not in other:
                yield f"{name} waits for {other['name']} to be healthy, which has no health check"
            if condition in ("COMPLETE", "SUCCESS") and other.get("essential", True):
                yield f"{name} waits for the end of {other['name']}, which is essential"
    waits = {
        name: [dependency["containerName"] for dependency in container.get("dependsOn", [])]
        for name, container in containers.items()
    }
    yield from _bad_references("dependsOn", waits)


def health_checks_are_within_bounds(definition: Definition) -> Iterator[str]:
    """ECS's own bounds, in seconds; and a check ends before the next one begins."""
    for container in definition["containerDefinitions"]:
        check = container.get("healthCheck")
        if check is None:
            continue
        if check["command"][0] not in {"CMD", "CMD-SHELL"} or len(check["command"]) < 2:
            yield f"{container['name']}: {check['command']} is no health check"
        for key, (least, most) in HEALTH_BOUNDS.items():
            if not least <= check[key] <= most:
                yield f"{container['name']}: the health check's {key} is {check[key]}"
        if check["timeout"] >= check["interval"]:
            yield f"{container['name']}: one health check runs into the next"


def mounts_are_of_volumes(definition: Definition) -> Iterator[str]:
    """What is mounted is a volume of the task, and every volume is mounted."""
    volumes = {volume["name"] for volume in definition.get("volumes", [])}
    mounted = {
        point["sourceVolume"]
        for container in definition["containerDefinitions"]
        for point in container.get("mountPoints", [])
    }
    yield from (f"{name} is mounted, which is no volume" for name in sorted(mounted - volumes))
    yield from (f"the volume {name} is nowhere" for name in sorted(volumes - mounted))


def ports_of_the_host_are_taken_once(definition: Definition) -> Iterator[str]:
    """Two containers of a task share their host's ports, and leave those of the host alone."""
    ports = [
        (mapping.get("hostPort", 0), mapping.get("protocol", "tcp"))
        for container in definition["containerDefinitions"]
        for mapping in container.get("portMappings", [])
    ]
    yield from (f"{port} is mapped twice" for port in sorted(set(ports)) if ports.count(port) > 1)
    yield from (f"{port} is the host's own" for port, _ in ports if port in HOSTS_OWN_PORTS)


def variables_are_set_once(definition: Definition) -> Iterator[str]:
    """A variable is text, is set once, and is not both a variable and a secret."""
    for container in definition["containerDefinitions"]:
        entries = list(chain(container.get("environment", []), container.get("secrets", [])))
        names = [entry["name"] for entry in entries]
        yield from (
            f"{container['name']}: {n} is set twice" for n in sorted(set(names)) if names.count(n) > 1
        )
        yield from (
            f"{container['name']}: {entry['name']} is not text"
            for entry in container.get("environment", [])
            if not isinstance(entry["value"], str)
        )


RULES: tuple[Callable[[Definition], Iterator[str]], ...] = (
    containers_are_named_once,
    something_is_essential,
    memory_is_said,
    links_are_of_bridge_mode,
    dependencies_can_be_met,
    health_checks_are_within_bounds,
    mounts_are_of_volumes,
    ports_of_the_host_are_taken_once,
    variables_are_set_once,
)


def _bad_references(what: str, references: dict[str, list[str]]) -> Iterator[str]:
    for name, others in references.items():
        yield from (
            f"{name}: {what} names {other}, which is not there" for other in others if other not in references
        )
        if name in _reached(name, references):
            yield f"{name}: {what} leads in a circle"


def _reached(start: str, references: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(references.get(start, []))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += references.get(name, [])
    return found
