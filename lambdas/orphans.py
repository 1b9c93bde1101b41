"""Which machines are orphans: found by tag, judged by their execution or, without one, by their expiry."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas import tags
from lambdas.aws_errors import error_code
from lambdas.instances import NOT_TERMINATED, find_instances
from lambdas.production import from_iso

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_stepfunctions import SFNClient

CLUSTERS_A_CALL = 100  # the most that DescribeClusters takes
RUNNING = ("RUNNING", "PENDING_REDRIVE")


@dataclass
class FoundMachine:
    """A machine as far as it is there: instances and a cluster of one name, and whose they are."""

    name: str
    execution_arn: str = ""
    expires_at: str = ""
    instances: list[Any] = field(default_factory=list)
    has_cluster: bool = False

    def owned_by(self, tagged: dict[str, str]) -> None:
        """Take over what a resource's tags say of the owner."""
        self.execution_arn = self.execution_arn or tagged.get(tags.EXECUTION, "")
        self.expires_at = self.expires_at or tagged.get(tags.EXPIRES, "")


def find_machines(
    stack_name: str, ec2: "EC2Client", ecs: "ECSClient", execution_arn: str = ""
) -> list[FoundMachine]:
    """Give everything of the stack that is there, page by page, by machine.

    Parameters: ``execution_arn`` narrows it to what one execution started.
    """
    found: dict[str, FoundMachine] = {}
    for instance in find_instances(ec2, stack_name, NOT_TERMINATED):
        tagged = tags.read_tags(instance.get("Tags", []))
        name = tagged.get(tags.NAME) or instance["InstanceId"]
        machine = found.setdefault(name, FoundMachine(name))
        machine.owned_by(tagged)
        machine.instances.append(instance)
    for cluster in _clusters(ecs):
        tagged = tags.read_tags(cluster.get("tags", []))
        if tagged.get(tags.STACK) == stack_name:
            machine = found.setdefault(cluster["clusterName"], FoundMachine(cluster["clusterName"]))
            machine.owned_by(tagged)
            machine.has_cluster = True
    return [machine for machine in found.values() if execution_arn in ("", machine.execution_arn)]


def why_orphaned(machine: FoundMachine, sfn: "SFNClient", now: datetime) -> str | None:
    """Give why nobody needs the machine any more, or None if somebody does.

    What a running execution owns is never an orphan, however old it is.
    """
    if machine.execution_arn:
        status = _execution_status(machine.execution_arn, sfn)
        return None if status in RUNNING else f"its execution is {status}"
    if machine.expires_at and from_iso(machine.expires_at) < now:
        return f"it expired at {machine.expires_at}"
    return None


def _execution_status(arn: str, sfn: "SFNClient") -> str:
    try:
        return str(sfn.describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error_code(error) == "ExecutionDoesNotExist":
            return "GONE"
        raise


def _clusters(ecs: "ECSClient") -> Iterator[Any]:
    arns = [arn for page in ecs.get_paginator("list_clusters").paginate() for arn in page["clusterArns"]]
    for start in range(0, len(arns), CLUSTERS_A_CALL):
        some = arns[start : start + CLUSTERS_A_CALL]
        answer = ecs.describe_clusters(clusters=some, include=["TAGS"])
        yield from (cluster for cluster in answer["clusters"] if cluster["status"] == "ACTIVE")
