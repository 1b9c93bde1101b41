"""The values of the template's parameters: what a person asks for, what the stack has, what was uploaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from organist.deploy.checks.network_choice import Network
from organist.deploy.options.deployment_options import DeploymentOptions
from organist.deploy.options.monitoring_options import monitoring_parameters

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

FIRST_GENERATION = 1


@dataclass(frozen=True)
class ImageSource:
    """The Node-RED image's source in the bucket, and the tag that its image has."""

    bucket: str
    key: str
    tag: str


def stack_parameters(
    declared: Mapping[str, Any],
    described: Mapping[str, Any] | None,
    values: Mapping[str, str | None],
) -> "list[ParameterTypeDef]":
    """Return the value of each declared parameter, as CloudFormation takes them.

    Args:
        declared: The template's Parameters.
        described: The stack as it is, or None.
        values: By name, None where nobody said: then the stack's value stays, or the template's default
            holds.
    """
    present = {item["ParameterKey"] for item in (described or {}).get("Parameters", [])}
    parameters: list[ParameterTypeDef] = []
    for name in declared:
        value = values.get(name)
        if value is not None:
            parameters.append({"ParameterKey": name, "ParameterValue": value})
        elif name in present:
            parameters.append({"ParameterKey": name, "UsePreviousValue": True})
    return parameters


def parameter_values(
    options: DeploymentOptions,
    described: Mapping[str, Any] | None,
    network: Network | None,
    image: ImageSource,
) -> dict[str, str | None]:
    """Return each parameter's value; None where the person said nothing.

    Args:
        options: What the person said.
        described: The stack as it is, or None.
        network: None for a stack that keeps its network.
        image: What the images are built from, which names their tag.
    """
    return {
        "NamePrefix": options.name_prefix,
        "VpcId": network.vpc if network else None,
        "SubnetIds": ",".join(network.subnets) if network else None,
        "OperatorCidr": options.operator_cidr,
        "MediaCidr": options.media_cidr,
        "ContributionCidr": options.contribution_cidr,
        "DestinationCidr": options.destination_cidr,
        "LogHost": options.log_host,
        "LogPort": None if options.log_port is None else str(options.log_port),
        "MediaBuckets": None if options.media_buckets is None else ",".join(options.media_buckets),
        "Publish": options.publish,
        "ModuleSource": None if options.module_source is None else options.module_source.rstrip("/"),
        **monitoring_parameters(options.monitoring),
        "AlarmEmail": options.alarm_email,
        "SecretGeneration": next_generation(described) if options.rotate_secret else None,
        "ReserveConcurrency": _yes_or_no(options.reserve_concurrency),
        "SourceBucket": image.bucket,
        "NodeREDSourceKey": image.key,
        "NodeREDImageTag": image.tag,
    }


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else ("yes" if value else "no")


def next_generation(described: Mapping[str, Any] | None) -> str:
    """Return the SecretGeneration after the stack's: another value makes a new secret."""
    for parameter in (described or {}).get("Parameters", []):
        if parameter["ParameterKey"] == "SecretGeneration":
            return str(int(parameter["ParameterValue"]) + 1)
    return str(FIRST_GENERATION)


def reserved_executions(template: Mapping[str, Any]) -> int:
    """Return how many concurrent executions a translated template reserves, conditions taken as true."""
    reserved = 0
    for resource in template["Resources"].values():
        value = resource.get("Properties", {}).get("ReservedConcurrentExecutions", 0)
        if isinstance(value, dict):
            value = value.get("Fn::If", ["", 0])[1]
        reserved += int(value)
    return reserved
