"""What can be chosen about a local cloud, in one frozen object."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud.ec2.capacity import Capacity
from local_cloud.ecs.images import Image, standard_images
from local_cloud.limits.account_limits import AccountLimits
from local_cloud.paths import REPOSITORY
from local_cloud.processes import StartProgram, start_group

REGION = "eu-west-1"
ACCOUNT = "123456789012"
ACCESS_KEY = "local"  # id and secret of the account's own user


@dataclass(frozen=True)
class LocalCloudSettings:
    """How long things take and where they are kept.

    Times are in seconds. They are shorter than Amazon's so that a demonstration does not bore; the order
    of events is Amazon's. ``aws_times`` has Amazon's own.
    """

    data_dir: Path
    """Everything that is written goes below it: the machines' disks and all logs."""
    port: int = 0
    """TCP port of the endpoint on 127.0.0.1; 0 takes any free one."""
    boot_seconds: float = 2.0
    """From RunInstances to the instance state ``running`` and its ECS agent starting."""
    join_seconds: float = 0.5
    """From the agent's start to being registered; also between its attempts."""
    stop_seconds: float = 0.5
    """From SIGTERM to SIGKILL for the processes of a machine that is switched off."""
    terminate_seconds: float = 0.5
    """The least time that an instance is ``shutting-down`` before it is ``terminated``."""
    departure_seconds: float = 30.0
    """How long a container instance that nobody deregistered outlives its host (Amazon: about 20 min)."""
    placement_seconds: float = 0.1
    """How long a task stays PROVISIONING, and then PENDING."""
    pull_bytes_per_second: float = math.inf
    """How fast a machine pulls an image that it does not have yet."""
    image_bytes: Mapping[str, int] = field(default_factory=dict)
    """The compressed size of an image: the first key that is part of its name; 0 without one."""
    status_seconds: float = 0.0
    """From what a task's containers do to what DescribeTasks tells of it."""
    event_seconds: float = 0.0
    """From an event to the call of the functions whose rules match it."""
    shutdown_minute_seconds: float = 60.0
    """Length of a minute of the ``shutdown -P +N`` timer in a machine's user data."""
    first_health_checks_seconds: float = 1.0
    """Between a container's health checks until one succeeds (ECS: the full interval). Failures still
    count once per interval, so a container turns UNHEALTHY no sooner than on ECS."""
    schedule_minute_seconds: float = 60.0
    """Length of a minute of schedules, and of Lambda's pause before it tries a failed event again."""
    wake_seconds: float = 1.0
    """How long a function in a VPC is Pending once a call has found it Inactive (``functions.idleness``)."""
    clock: Callable[[], float] = time.time
    """The account's clock (s), by which a function in a VPC is Inactive after 14 days without a call."""
    limits: AccountLimits | None = None
    """How fast the account may call AWS, and how many functions may run at once; None: as fast as can be."""
    capacity: Capacity = field(default_factory=Capacity)
    """Which instance types the zones offer and have room for, and the account's plan allows."""
    template: Path | None = REPOSITORY / "template.yaml"
    """The SAM template to provision from; None provisions nothing but what tests ask for."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values of the template's parameters, by name, in place of their defaults."""
    repository: Path = REPOSITORY
    """The folder that the template's paths and the handlers are found below."""
    images: Mapping[str, Image] = field(default_factory=standard_images)
    """What runs for a container image: the first key that is part of the image's name."""
    start_program: StartProgram = start_group
    """Starts a container's program; here as a process group of its own."""
