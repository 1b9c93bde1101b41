"""Which machines are orphans: found by tag, judged by their execution or, without one, by their expiry."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws import tags
from lambdas.aws.cluster import find_container_instances
from lambdas.aws.errors import error_code
from lambdas.aws.instances import NOT_TERMINATED, find_instances
from lambdas.runtime.settings import ClusterSettings
from lambdas.runtime.timestamps import from_iso

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_stepfunctions import SFNClient

CONTAINER_INSTANCES_A_CALL = 100  # the most that DescribeContainerInstances takes
RUNNING = ("RUNNING", "PENDING_REDRIVE")


@dataclass
class FoundMachine:
    """The instances of one name, and whose they are."""

    name: str
    execution_arn: str = ""
    expires_at: str = ""
    instances: list[Any] = field(default_factory=list)

    def owned_by(self, tagged: dict[str, str]) -> None:
        """Take over what a resource's tags say of the owner."""
        self.execution_arn = self.execution_arn or tagged.get(tags.EXECUTION, "")
        self.expires_at = self.expires_at or tagged.get(tags.EXPIRES, "")


def find_machines(stack_name: str, ec2: "EC2Client", execution_arn: str = "") -> list[FoundMachine]:
    """Return every machine of the stack that is there, page by page.

    Args:
        stack_name: The stack.
        ec2: The client to ask.
        execution_arn: Narrows it to what one execution started.
    """
    found: dict[str, FoundMachine] = {}
    for instance in find_instances(ec2, stack_name, NOT_TERMINATED):
        tagged = tags.read_tags(instance.get("Tags", []))
        name = tagged.get(tags.NAME) or instance["InstanceId"]
        machine = found.setdefault(name, FoundMachine(name))
        machine.owned_by(tagged)
        machine.instances.append(instance)
    return [machine for machine in found.values() if execution_arn in ("", machine.execution_arn)]


@dataclass(frozen=True)
class LeftRecording:
    """Where a production was recorded and published whose machines have all ended; each may be empty."""

    location: str
    sources: str
    publication: str
    production_id: str
    execution_arn: str


def find_left_recordings(stack_name: str, ec2: "EC2Client", execution_arn: str = "") -> list[LeftRecording]:
    """Return the recordings of productions of which EC2 still knows machines, and all of those have ended.

    A terminated instance is listed for about an hour:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html

    Args:
        stack_name: The stack.
        ec2: The client to ask.
        execution_arn: Narrows it to what one execution started.
    """
    ended: dict[LeftRecording, bool] = {}
    for instance in find_instances(ec2, stack_name):
        tagged = tags.read_tags(instance.get("Tags", []))
        if not {
            tags.RECORDING,
            tags.SOURCE_RECORDINGS,
            tags.PUBLICATION,
        } & tagged.keys() or execution_arn not in (
            "",
            tagged.get(tags.EXECUTION, ""),
        ):
            continue
        recording = LeftRecording(
            location=tagged.get(tags.RECORDING, ""),
            sources=tagged.get(tags.SOURCE_RECORDINGS, ""),
            publication=tagged.get(tags.PUBLICATION, ""),
            production_id=tagged.get(tags.PRODUCTION, ""),
            execution_arn=tagged.get(tags.EXECUTION, ""),
        )
        has_ended = instance["State"]["Name"] == "terminated"
        ended[recording] = ended.get(recording, True) and has_ended
    return [recording for recording, all_ended in ended.items() if all_ended]


def find_dead_container_instances(settings: ClusterSettings, ec2: "EC2Client", ecs: "ECSClient") -> list[str]:
    """Return the container instances whose machine has ended though nobody deregistered them.

    ECS drops them by itself, up to 20 minutes later:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister_container_instance.html
    """
    silent = find_container_instances(settings.cluster, "agentConnected == false", ecs)
    dead: list[str] = []
    for start in range(0, len(silent), CONTAINER_INSTANCES_A_CALL):
        some = silent[start : start + CONTAINER_INSTANCES_A_CALL]
        answer = ecs.describe_container_instances(cluster=settings.cluster, containerInstances=some)
        dead += [
            found["containerInstanceArn"]
            for found in answer["containerInstances"]
            if not _is_there(found["ec2InstanceId"], ec2)
        ]
    return dead


def _is_there(instance_id: str, ec2: "EC2Client") -> bool:
    # By a filter, which a machine that EC2 has forgotten does not make an error of.
    wanted: Any = [
        {"Name": "instance-id", "Values": [instance_id]},
        {"Name": "instance-state-name", "Values": list(NOT_TERMINATED)},
    ]
    return any(group["Instances"] for group in ec2.describe_instances(Filters=wanted)["Reservations"])


def why_orphaned(machine: FoundMachine, sfn: "SFNClient", now: datetime) -> str | None:
    """Return why nobody needs the machine any more, or None if somebody does.

    What a running execution owns is never an orphan, however old it is.
    """
    if machine.execution_arn:
        status = execution_status(machine.execution_arn, sfn)
        return None if status in RUNNING else f"its execution is {status}"
    if machine.expires_at and from_iso(machine.expires_at) < now:
        return f"it expired at {machine.expires_at}"
    return None


def execution_status(arn: str, sfn: "SFNClient") -> str:
    """Return Step Functions' status of an execution, GONE if it knows it no more."""
    try:
        return str(sfn.describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error_code(error) == "ExecutionDoesNotExist":
            return "GONE"
        raise
