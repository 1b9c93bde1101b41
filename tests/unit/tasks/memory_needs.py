"""How much memory each of Elastic's programs takes (MiB), by its documents, as a container gives it options.

A container's limit is a wall: beyond it the kernel kills the program. Each of these says what the program
may come to with the options that it has; a limit below it is a kill that waits for its day.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Container = Mapping[str, Any]
UNITS = {"g": 1024, "m": 1}


def elasticsearch(container: Container) -> float:
    """Half of the container as heap, of that half again as direct memory, and what the JVM itself takes.

    https://www.elastic.co/docs/reference/elasticsearch/jvm-settings
    https://www.elastic.co/docs/deploy-manage/production-guidance/elasticsearch-in-production-environments
    """
    if "ES_JAVA_OPTS" in _variables(container):
        raise ValueError("Elasticsearch sizes its heap by the container; nothing should override that.")
    heap = container["memory"] / 2
    return float(heap * 1.5 + 400)


def kibana(container: Container) -> float:
    """The heap that it is told, and half a gigabyte beside it; not told, three quarters of the container.

    https://github.com/elastic/docs-content/pull/6767, https://github.com/elastic/cloud-on-k8s/pull/4186
    A heap of 600 MiB was too small within a day: https://github.com/elastic/kibana/issues/147675
    """
    told = re.search(r"--max-old-space-size=(\d+)", _variables(container).get("NODE_OPTIONS", ""))
    heap = int(told[1]) if told else container["memory"] * 0.75
    return max(heap, 768) + 512


def logstash(container: Container) -> float:
    """The heap, as much direct memory, and what the JVM itself takes (threads, code, classes).

    https://www.elastic.co/docs/reference/logstash/jvm-settings
    """
    told = re.search(r"-Xmx(\d+)([mg])", _variables(container).get("LS_JAVA_OPTS", ""))
    heap = int(told[1]) * UNITS[told[2]] if told else 1024  # its default
    return heap * 2 + 384


def metricbeat(container: Container) -> float:
    """Go's own goal and a quarter beside it, which garbage waits in; without a goal, more than 200 MiB.

    200 MiB ended in kills: https://github.com/edgelesssys/constellation/pull/2534
    https://go.dev/doc/gc-guide#Memory_limit
    """
    told = re.fullmatch(r"(\d+)MiB", _variables(container).get("GOMEMLIMIT", ""))
    return max(int(told[1]) * 1.25, 256) if told else 512


NEEDS: Mapping[str, Callable[[Container], float]] = {
    "elasticsearch": elasticsearch,
    "kibana": kibana,
    "logstash": logstash,
    "metricbeat": metricbeat,
}


def _variables(container: Container) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container.get("environment", [])}
