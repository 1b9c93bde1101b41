"""newInstance: one machine of the given type, in an ECS cluster of its own, tagged and timed from birth."""

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas import tags
from lambdas.aws import ec2_client, ecs_client, named_aws_errors, ssm_client
from lambdas.aws_errors import error_code, error_message
from lambdas.clusters import check_owner
from lambdas.entry import Event, Result, entry_point, require
from lambdas.instances import ALIVE, find_instances
from lambdas.machine_errors import (
    InstanceCapacityUnavailable,
    InstanceGone,
    InstanceQuotaExceeded,
    InstanceTypeUnknown,
)
from lambdas.production import lifetime, to_iso
from lambdas.settings import LaunchSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ssm import SSMClient

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
IMAGE_PARAMETERS = {
    "x86_64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    "arm64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
}
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
NO_CAPACITY = ("InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity")
LAUNCHED_AND_ENDED = ("IdempotentInstanceTerminated",)
QUOTA = ("InstanceLimitExceeded", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded")
UNKNOWN_TYPE = ("InvalidInstanceType", "InvalidParameterValue", "Unsupported")
DEFAULT_RUN_SECONDS = 120  # of a machine launched by hand; with the allowances it lives 22 minutes


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Launch a machine, or give the one that is there.

    Parameters: ``event`` is ``{"instanceName", "instanceType"}`` and, in a production, ``production`` (whose
    tags the machine gets) and ``lifetimeMinutes``.
    Raises: ``InstanceTypeUnknown``, ``InstanceCapacityUnavailable``, ``InstanceQuotaExceeded``,
    ``InstanceNameTaken``, and ``InstanceGone`` if the same request launched it before and it has ended.
    """
    require(event, ["instanceName", "instanceType"])
    settings = LaunchSettings.from_env()
    return new_instance(event, settings, ec2_client(), ecs_client(), ssm_client(), datetime.now(UTC))


def new_instance(
    event: Event,
    settings: LaunchSettings,
    ec2: "EC2Client",
    ecs: "ECSClient",
    ssm: "SSMClient",
    now: datetime,
) -> Result:
    """Launch the machine that the event describes, unless it is there already.

    Parameters: ``now``, from which the life of a machine without a production counts.
    """
    name = event["instanceName"]
    ownership = event.get("production") or {"expiresAt": to_iso(now + lifetime(DEFAULT_RUN_SECONDS))}
    there = next(
        find_instances(
            ec2,
            settings.stack_name,
            ALIVE,
            instance_name=name,
            production_id=ownership.get("productionId", ""),
        ),
        None,
    )
    instance: Any = there or _launch(event, ownership, settings, ec2, ecs, ssm)
    return {
        "instanceName": name,
        "instanceId": instance["InstanceId"],
        "clusterName": name,
        "privateAddress": instance["PrivateIpAddress"],
    }


def user_data(cluster_name: str, lifetime_minutes: int) -> str:
    """Give what the machine does first: set the timer that ends it, and name the cluster it joins.

    Parameters: ``lifetime_minutes``, after which the machine powers off, and so terminates.
    """
    return (
        "#!/bin/bash\n"
        "# If nobody else ends this machine it ends itself: its shutdown behaviour is terminate.\n"
        f"shutdown -P +{lifetime_minutes}\n"
        f"echo ECS_CLUSTER={cluster_name} >> /etc/ecs/ecs.config\n"
    )


def _launch(
    event: Event,
    ownership: dict[str, str],
    settings: LaunchSettings,
    ec2: "EC2Client",
    ecs: "ECSClient",
    ssm: "SSMClient",
) -> Any:
    name, instance_type = event["instanceName"], event["instanceType"]
    image_parameter = IMAGE_PARAMETERS[_architecture(ec2, instance_type)]
    image_id = ssm.get_parameter(Name=image_parameter)["Parameter"]["Value"]
    # Asked to make a cluster that is there, ECS gives the one there is, whoever's it may be.
    check_owner(name, settings.stack_name, ecs)
    machine_tags = production_pairs = tags.production_tags(settings.stack_name, name, ownership)
    ecs.create_cluster(
        clusterName=name, tags=[{"key": key, "value": value} for key, value in production_pairs.items()]
    )
    pairs = [{"Key": key, "Value": value} for key, value in machine_tags.items()]
    minutes = event.get("lifetimeMinutes") or int(lifetime(DEFAULT_RUN_SECONDS).total_seconds() / 60)
    # The same request gives the same token, so asking again after a lost answer launches nothing new.
    token = hashlib.sha256(f"{machine_tags}{instance_type}{image_id}".encode()).hexdigest()
    request: dict[str, Any] = {
        "LaunchTemplate": {"LaunchTemplateId": settings.launch_template_id, "Version": "$Default"},
        "ImageId": image_id,
        "InstanceType": instance_type,
        "InstanceInitiatedShutdownBehavior": "terminate",
        "MinCount": 1,
        "MaxCount": 1,
        "UserData": user_data(name, minutes),
        "ClientToken": token,
        "TagSpecifications": [
            {"ResourceType": resource, "Tags": pairs}
            for resource in ("instance", "volume", "network-interface")
        ],
    }
    try:
        return ec2.run_instances(**request)["Instances"][0]
    except ClientError as error:
        if error_code(error) in NO_CAPACITY:
            raise InstanceCapacityUnavailable(
                f"No {instance_type} to be had: {error_message(error)}"
            ) from error
        if error_code(error) in LAUNCHED_AND_ENDED:
            raise InstanceGone(
                f"{name} was launched for this execution before and has ended; "
                "a redrive does not bring it back."
            ) from error
        if error_code(error) in QUOTA:
            raise InstanceQuotaExceeded(f"No {instance_type} allowed: {error_message(error)}") from error
        raise


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
