"""What a host needs to know of its EC2 instance, and what it tells EC2."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class InstanceState(Enum):
    """EC2's instance states with their codes."""

    PENDING = 0
    RUNNING = 16
    SHUTTING_DOWN = 32
    TERMINATED = 48
    STOPPING = 64
    STOPPED = 80

    @property
    def label(self) -> str:
        """EC2's spelling."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True)
class InstanceFacts:
    """What does not change about an instance; memory in MiB."""

    instance_id: str
    name: str
    instance_type: str
    image_id: str
    availability_zone: str
    memory: int
    vcpus: int
    user_data: str
    role: str
    """The ARN of the role of its instance profile, "" without one."""
    ends_by_terminating: bool
    """Whether a shutdown from within terminates it (InstanceInitiatedShutdownBehavior)."""


class InstanceRecord(Protocol):
    """EC2's own record of the instance."""

    @property
    def facts(self) -> InstanceFacts:
        """What the host needs to know."""

    @property
    def state(self) -> InstanceState:
        """The state that DescribeInstances shows."""

    def set_address(self, address: str) -> None:
        """The private (and public) address that DescribeInstances shows."""

    def set_state(self, state: InstanceState) -> None:
        """The state that DescribeInstances shows; TERMINATED frees what EC2 holds for it."""
