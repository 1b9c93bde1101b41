"""newInstance: one machine of the given type, in the stack's ECS cluster, tagged and timed from birth."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws import launch_errors, tags
from lambdas.aws.clients import ec2_client, make_as_lambda_starts, named_aws_errors, ssm_client
from lambdas.aws.errors import error_code, error_message
from lambdas.aws.instances import ALIVE, find_instances
from lambdas.aws.machine_errors import InstanceTypeUnknown
from lambdas.aws.placements import Placement, find_offers, placements, wanted_types
from lambdas.aws.user_data import user_data
from lambdas.modules.catalogue import Engine
from lambdas.production.events import MachineEvent
from lambdas.production.model import lifetime
from lambdas.runtime.entry import Result, entry_point, require
from lambdas.runtime.settings import LaunchSettings
from lambdas.runtime.timestamps import to_iso, to_precise_iso

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ssm import SSMClient

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
IMAGE_PARAMETERS = {
    "x86_64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    "arm64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
}
UNKNOWN_TYPE = ("InvalidInstanceType", "InvalidParameterValue", "Unsupported")
DEFAULT_RUN_SECONDS = 120  # of a machine launched by hand; with the allowances it lives 22 minutes
ROOT_DEVICE = "/dev/xvda"  # of the ECS-optimised Amazon Linux 2023
ONLY_FOR_THE_LAUNCH = (
    "placements",
    "volumeGiB",
)  # nobody asks for them later, so the state need not carry them
TAGGED = ("instance", "volume", "network-interface")  # what RunInstances makes


@dataclass(frozen=True)
class Launcher:
    """The clients and settings that a launch needs."""

    settings: LaunchSettings
    ec2: "EC2Client"
    ssm: "SSMClient"


make_as_lambda_starts(ec2_client, ssm_client)


@entry_point
@named_aws_errors
def handler(event: MachineEvent) -> Result:
    """Launch a machine, or return the one that is there.

    Args:
        event: ``{"instanceName", "instanceType"}``, the type one or a list in order of preference, and, in a
            production, ``production`` (whose tags the machine gets), ``lifetimeMinutes``, ``volumeGiB`` and
            ``placements``, the types and subnets to try in order.

    Raises:
        InstanceTypeUnknown, InstanceTypeNotAllowed: No such type, or none that this account may use.
        InstanceCapacityUnavailable, InstanceQuotaExceeded: AWS starts no such machine now.
        InstanceGone: The same request launched it before and it has ended.
    """
    require(event, ["instanceName", "instanceType"])
    launcher = Launcher(LaunchSettings.from_env(), ec2_client(), ssm_client())
    return new_instance(event, launcher, lambda: datetime.now(UTC))


def new_instance(event: MachineEvent, launcher: Launcher, now: Callable[[], datetime]) -> Result:
    """Return the machine that the event describes with its id, type and addresses: launched, or found.

    Args:
        event: As the handler takes it.
        launcher: What launches.
        now: Tells the time; from it the life of a machine without a production counts.
    """
    name, settings = event["instanceName"], launcher.settings
    ownership = event.get("production") or {"expiresAt": to_iso(now() + lifetime(DEFAULT_RUN_SECONDS))}
    there = next(
        find_instances(
            launcher.ec2,
            settings.stack_name,
            ALIVE,
            instance_name=name,
            production_id=ownership.get("productionId", ""),
        ),
        None,
    )
    instance: Any = there or _launch(event, ownership, launcher)
    described = {key: value for key, value in event.items() if key not in ONLY_FOR_THE_LAUNCH}
    return described | {
        "instanceName": name,
        "instanceId": instance["InstanceId"],
        "instanceType": instance["InstanceType"],
        "launchedAt": to_precise_iso(launched_at(instance["LaunchTime"], now())),
        "availabilityZone": instance["Placement"]["AvailabilityZone"],
        "clusterName": settings.cluster,
        "privateAddress": instance["PrivateIpAddress"],
    }


def launched_at(launch_time: datetime, now: datetime) -> datetime:
    """Return when a machine was launched: EC2 tells the whole second, in which it was not later than now.

    What is expected some time after the launch would be expected up to a second too early otherwise.
    """
    return max(launch_time, min(now, launch_time + timedelta(seconds=1)))


def _launch(event: MachineEvent, ownership: Mapping[str, Any], launcher: Launcher) -> Any:
    refusals: list[ClientError] = []
    for placement in event.get("placements") or _placements(event, launcher):
        try:
            return _run_instance(event, ownership, placement, launcher)
        except ClientError as error:
            if error_code(error) not in launch_errors.TRY_THE_NEXT:
                raise launch_errors.name_launch_error(error, event["instanceName"], launcher.ec2) from error
            refusals.append(error)
    raise launch_errors.nowhere(event["instanceName"], refusals) from refusals[-1]


def _placements(event: MachineEvent, launcher: Launcher) -> list[Placement]:
    types, subnets = wanted_types(event["instanceType"]), launcher.settings.subnet_ids
    found = placements(types, subnets, find_offers(types, subnets, launcher.ec2))
    if not found:
        raise InstanceTypeUnknown(f"None of the stack's subnets is in a zone that has {', '.join(types)}.")
    return found


def _run_instance(
    event: MachineEvent, ownership: Mapping[str, Any], placement: Placement, launcher: Launcher
) -> Any:
    settings, name, region = launcher.settings, event["instanceName"], launcher.ec2.meta.region_name
    image_id = placement.get("imageId") or _amazons_image(placement, launcher)
    machine_tags = tags.production_tags(settings.stack_name, name, ownership)
    pairs = [{"Key": key, "Value": value} for key, value in machine_tags.items()]
    minutes = event.get("lifetimeMinutes") or int(lifetime(DEFAULT_RUN_SECONDS).total_seconds() / 60)
    request: dict[str, Any] = {
        "LaunchTemplate": {
            "LaunchTemplateId": settings.launch_template_id,
            "Version": settings.launch_template_version,
        },
        "ImageId": image_id,
        "InstanceType": placement["instanceType"],
        "SubnetId": placement["subnetId"],
        "InstanceInitiatedShutdownBehavior": "terminate",
        "MinCount": 1,
        "MaxCount": 1,
        "UserData": user_data(settings.cluster, minutes, _image(event, settings), region),
        "TagSpecifications": [{"ResourceType": resource, "Tags": pairs} for resource in TAGGED],
    }
    if "volumeGiB" in event:
        request["BlockDeviceMappings"] = [_volume(event["volumeGiB"])]
    # The same request has the same token, so asking again after a lost answer launches nothing new.
    token = hashlib.sha256(f"{machine_tags}{sorted(placement.items())}{image_id}".encode()).hexdigest()
    return launcher.ec2.run_instances(**request, ClientToken=token)["Instances"][0]


def _image(event: MachineEvent, settings: LaunchSettings) -> str:
    return settings.dynamorse_image if event.get("engine") == Engine.DYNAMORSE else settings.node_red_image


def _amazons_image(placement: Placement, launcher: Launcher) -> str:
    architecture = placement.get("architecture") or _architecture(launcher.ec2, placement["instanceType"])
    return launcher.ssm.get_parameter(Name=IMAGE_PARAMETERS[architecture])["Parameter"]["Value"]


def _volume(size: int) -> dict[str, Any]:
    # A mapping in the request takes the place of the launch template's own, so it says everything.
    ebs = {"VolumeSize": size, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}
    return {"DeviceName": ROOT_DEVICE, "Ebs": ebs}


def _architecture(ec2: "EC2Client", instance_type: str) -> str:
    try:
        answer = ec2.describe_instance_types(InstanceTypes=[instance_type])  # type: ignore[list-item]
    except ClientError as error:
        if error_code(error) in UNKNOWN_TYPE:
            raise InstanceTypeUnknown(f'EC2 has no "{instance_type}" here: {error_message(error)}') from error
        raise
    supported = answer["InstanceTypes"][0]["ProcessorInfo"]["SupportedArchitectures"]
    for architecture in IMAGE_PARAMETERS:
        if architecture in supported:
            return architecture
    raise InstanceTypeUnknown(f"{instance_type} is {', '.join(supported)}; expected x86_64 or arm64.")
