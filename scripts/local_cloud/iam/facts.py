"""What an authorisation has to look up in the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class TaskRoles:
    """A task definition as RunTask resolves it: its ARN with the revision, and the roles it passes on."""

    arn: str
    roles: tuple[str, ...]


class Facts(Protocol):
    """The account, as the services see it; ids that are not there have no tags and no owner."""

    region: str
    account: str

    def launch_template(self, reference: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The id and the data of the version that a LaunchTemplate parameter names."""

    def instance_tags(self, instance_id: str) -> dict[str, str]:
        """An EC2 instance's tags."""

    def profile_role(self, profile: Mapping[str, str]) -> str:
        """The ARN of the role in an IamInstanceProfile parameter's profile."""

    def subnet_vpc(self, subnet_id: str) -> str:
        """The VPC's id of a subnet, "" if there is none."""

    def own_image_tags(self, image_id: str) -> dict[str, str] | None:
        """The tags of a machine image of the account's own, None for Amazon's."""

    def cluster_arn(self, reference: str | None) -> str:
        """The ARN of a cluster's name or ARN."""

    def task_definition(self, reference: str) -> TaskRoles:
        """A task definition of a family, family:revision or ARN."""

    def task_tags(self, task_arn: str) -> dict[str, str]:
        """A task's tags."""
