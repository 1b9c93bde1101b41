"""A function's environment, read once into frozen settings."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Self, get_origin

from lambdas.runtime import ports
from lambdas.runtime.errors import MissingSetting

VARIABLE = "variable"  # of a field's metadata: the name of its environment variable, where that is another


@dataclass(frozen=True)
class Settings:
    """Settings, each of the environment variable of its name in capitals; one with a default may be unset."""

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the variables; ``MissingSetting`` names the one that is not set."""
        return cls(**{one.name: _read(one, environment) for one in fields(cls)})


def _read(setting: Field[Any], environment: Mapping[str, str]) -> Any:
    variable = setting.metadata.get(VARIABLE, setting.name.upper())
    value = environment.get(variable, "")
    if value:
        return tuple(value.split(",")) if get_origin(setting.type) is tuple else setting.type(value)  # type: ignore[operator]
    if setting.default is MISSING:
        raise MissingSetting(f"The environment variable {variable} is not set.")
    return setting.default


@dataclass(frozen=True)
class StackSettings(Settings):
    """Which stack's machines the function looks after."""

    stack_name: str


@dataclass(frozen=True)
class ClusterSettings(StackSettings):
    """Which stack's machines the function looks after, and the cluster that they join."""

    cluster: str


@dataclass(frozen=True)
class NetworkSettings(Settings):
    """Where machines may start."""

    subnet_ids: tuple[str, ...]


@dataclass(frozen=True)
class LaunchSettings(Settings):
    """What ``newInstance`` needs to know of the deployment.

    ``launch_template_version`` is a number: the default version of a launch template that CloudFormation
    made stays 1, whatever updates it
    (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1518). The images
    are those that the stack's tasks run.
    """

    stack_name: str
    launch_template_id: str
    launch_template_version: str
    cluster: str
    subnet_ids: tuple[str, ...]
    node_red_image: str
    dynamorse_image: str = field(metadata={VARIABLE: "NODE_RED_DYNAMORSE_IMAGE"})


@dataclass(frozen=True)
class TaskSettings(ClusterSettings):
    """What ``startNodeRED`` needs to know of the deployment; task definitions by ARN, with the revision.

    ``metricbeat_task_definition`` is empty where nothing is measured. ``join_seconds`` is how long a machine
    is expected to take from its launch until it is in the cluster.
    """

    task_definition: str
    dynamorse_task_definition: str
    secret: str = field(metadata={VARIABLE: "STACK_SECRET"})
    metricbeat_task_definition: str = ""
    join_seconds: float = 0


@dataclass(frozen=True)
class NodeRedSettings(Settings):
    """What a function that talks to Node-RED needs to know: nothing of AWS."""

    secret: str = field(metadata={VARIABLE: "STACK_SECRET"})
    port: int = field(default=ports.NODE_RED, metadata={VARIABLE: "NODE_RED_PORT"})


@dataclass(frozen=True)
class ModuleSettings:
    """What ``validateInput`` needs to know: where modules, media and live sources come from and go to."""

    module_source: str
    media_buckets: tuple[str, ...]
    region: str
    has_dynamorse_image: bool = True
    stack_name: str = ""
    contribution_cidr: str = ""
    media_keys: tuple[str, ...] = ()
    destination_cidr: str = ""
    publish_bucket: str = ""
    publish_domain: str = ""
    node_red_image: str = ""

    @property
    def media_bucket(self) -> str:
        """The first media bucket, where a document names none; empty without one."""
        return next(iter(self.media_buckets), "")

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the variables, which may be empty.

        DYNAMORSE_IMAGE is "no" where the deployment has not built one.
        """
        return cls(
            module_source=environment.get("MODULE_SOURCE", ""),
            media_buckets=_names(environment, "MEDIA_BUCKETS"),
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", ""),
            has_dynamorse_image=environment.get("DYNAMORSE_IMAGE") != "no",
            stack_name=environment.get("STACK_NAME", ""),
            contribution_cidr=environment.get("CONTRIBUTION_CIDR", ""),
            media_keys=_names(environment, "MEDIA_KEY_ARNS"),
            destination_cidr=environment.get("DESTINATION_CIDR", ""),
            publish_bucket=environment.get("PUBLISH_BUCKET", ""),
            publish_domain=environment.get("PUBLISH_DOMAIN", ""),
            node_red_image=environment.get("NODE_RED_IMAGE", ""),
        )


def _names(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    return tuple(filter(None, environment.get(variable, "").split(",")))
