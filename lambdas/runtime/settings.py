"""A function's environment, read once into frozen settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lambdas.runtime import ports
from lambdas.runtime.errors import MissingSetting


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise MissingSetting(f"The environment variable {name} is not set.")
    return value


@dataclass(frozen=True)
class LaunchSettings:
    """What ``newInstance`` needs to know of the deployment.

    ``launch_template_version`` is a number: the default version of a launch template that CloudFormation
    made stays 1, whatever updates it
    (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1518).
    """

    stack_name: str
    launch_template_id: str
    launch_template_version: str
    cluster: str
    subnet_ids: tuple[str, ...]

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "LaunchSettings":
        """Read STACK_NAME, both LAUNCH_TEMPLATE variables, CLUSTER and SUBNET_IDS.

        Raises:
            MissingSetting: One is not set; the message names it.
        """
        return cls(
            stack_name=_required(environment, "STACK_NAME"),
            launch_template_id=_required(environment, "LAUNCH_TEMPLATE_ID"),
            launch_template_version=_required(environment, "LAUNCH_TEMPLATE_VERSION"),
            cluster=_required(environment, "CLUSTER"),
            subnet_ids=tuple(_required(environment, "SUBNET_IDS").split(",")),
        )


@dataclass(frozen=True)
class StackSettings:
    """Which stack's machines the function looks after."""

    stack_name: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "StackSettings":
        """Read STACK_NAME; ``MissingSetting`` when it is not set."""
        return cls(stack_name=_required(environment, "STACK_NAME"))


@dataclass(frozen=True)
class ClusterSettings:
    """Which stack's machines the function looks after, and the cluster that they join."""

    stack_name: str
    cluster: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "ClusterSettings":
        """Read STACK_NAME and CLUSTER; ``MissingSetting`` names the one that is not set."""
        return cls(stack_name=_required(environment, "STACK_NAME"), cluster=_required(environment, "CLUSTER"))


@dataclass(frozen=True)
class TaskSettings:
    """What ``startNodeRED`` needs to know of the deployment; task definitions by ARN, with the revision."""

    stack_name: str
    cluster: str
    task_definition: str
    dynamorse_task_definition: str
    secret: str
    metricbeat_task_definition: str = ""

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "TaskSettings":
        """Read STACK_NAME, CLUSTER, both TASK_DEFINITIONs and STACK_SECRET.

        METRICBEAT_TASK_DEFINITION is empty where nothing is measured.

        Raises:
            MissingSetting: One is not set; the message names it.
        """
        return cls(
            stack_name=_required(environment, "STACK_NAME"),
            cluster=_required(environment, "CLUSTER"),
            task_definition=_required(environment, "TASK_DEFINITION"),
            dynamorse_task_definition=_required(environment, "DYNAMORSE_TASK_DEFINITION"),
            secret=_required(environment, "STACK_SECRET"),
            metricbeat_task_definition=environment.get("METRICBEAT_TASK_DEFINITION", ""),
        )


@dataclass(frozen=True)
class ModuleSettings:
    """Where dynamorse's modules come from beside npm, and where their media is."""

    module_source: str
    media_bucket: str
    region: str
    has_dynamorse_image: bool = True

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "ModuleSettings":
        """Read MODULE_SOURCE, MEDIA_BUCKETS (the first one) and AWS_REGION, all of which may be empty.

        DYNAMORSE_IMAGE is "no" where the deployment has not built one.
        """
        return cls(
            module_source=environment.get("MODULE_SOURCE", ""),
            media_bucket=environment.get("MEDIA_BUCKETS", "").split(",")[0],
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", ""),
            has_dynamorse_image=environment.get("DYNAMORSE_IMAGE") != "no",
        )


@dataclass(frozen=True)
class NetworkSettings:
    """Where machines may start."""

    subnet_ids: tuple[str, ...]

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "NetworkSettings":
        """Read SUBNET_IDS; ``MissingSetting`` when it is not set."""
        return cls(subnet_ids=tuple(_required(environment, "SUBNET_IDS").split(",")))


@dataclass(frozen=True)
class NodeRedSettings:
    """What a function that talks to Node-RED needs to know: nothing of AWS."""

    secret: str
    bundled_modules: Path
    port: int

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "NodeRedSettings":
        """Read STACK_SECRET, and BUNDLED_MODULES and NODE_RED_PORT where set."""
        return cls(
            secret=_required(environment, "STACK_SECRET"),
            bundled_modules=Path(environment.get("BUNDLED_MODULES") or Path(__file__).parents[1] / "bundled"),
            port=int(environment.get("NODE_RED_PORT") or ports.NODE_RED),
        )
