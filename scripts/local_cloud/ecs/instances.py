"""A container instance: a machine as its cluster knows it."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from local_cloud.ecs.images import ContainerHost
from local_cloud.ecs.placement import Resources
from local_cloud.ecs.task import now


@dataclass(frozen=True)
class Host:
    """What a host's agent tells the cluster when it registers."""

    instance_id: str
    instance_type: str
    image_id: str
    availability_zone: str
    resources: Resources
    machine: ContainerHost


@dataclass
class ContainerInstance:
    """A registered host."""

    host: Host
    cluster_name: str
    arn: str
    status: str = "ACTIVE"
    agent_connected: bool = True
    registered_at: datetime.datetime = field(default_factory=now)
    version: int = 1

    def describe(self, *, used: Resources) -> dict[str, Any]:
        """The container instance as DescribeContainerInstances gives it."""
        has = self.host.resources
        attributes = {
            "ecs.ami-id": self.host.image_id,
            "ecs.availability-zone": self.host.availability_zone,
            "ecs.instance-type": self.host.instance_type,
            "ecs.os-type": "linux",
        }
        return {
            "containerInstanceArn": self.arn,
            "ec2InstanceId": self.host.instance_id,
            "status": self.status,
            "agentConnected": self.agent_connected,
            "registeredAt": self.registered_at,
            "registeredResources": _told(Resources(has.cpu, has.memory, used.ports)),
            "remainingResources": _told(
                Resources(has.cpu - used.cpu, has.memory - used.memory, used.ports),
            ),
            "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
            "versionInfo": {"agentVersion": "1.99.0", "dockerVersion": "DockerVersion: 25.0.8"},
            "version": self.version,
        }


def new_container_instance(*, region: str, account: str, cluster_name: str, host: Host) -> ContainerInstance:
    """A host as a cluster's new container instance."""
    arn = f"arn:aws:ecs:{region}:{account}:container-instance/{cluster_name}/{uuid.uuid4().hex}"
    return ContainerInstance(host, cluster_name, arn)


def _told(resources: Resources) -> list[dict[str, Any]]:
    def ports(protocol: str) -> list[str]:
        return sorted(str(port) for port, of in resources.ports if of == protocol)

    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": resources.cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": resources.memory},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ports("tcp")},
        {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": ports("udp")},
    ]
