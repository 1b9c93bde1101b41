"""A local cloud in which little time passes."""

import sys
from pathlib import Path
from typing import Any

from local_cloud.ecs.images import ContainerCommand, ContainerHost, standard_images
from local_cloud.settings import LocalCloudSettings


def python_image(_machine: ContainerHost) -> ContainerCommand:
    """Python, so that a container definition's command is a program's text."""
    return ContainerCommand(entry_point=(sys.executable, "-c"))


def small_settings(data_dir: Path, **changed: Any) -> LocalCloudSettings:
    """A cloud in which little time passes, with nothing provisioned."""
    fast: dict[str, Any] = {
        "boot_seconds": 0.25,
        "join_seconds": 0.1,
        "stop_seconds": 0.2,
        "terminate_seconds": 0.25,
        "departure_seconds": 1.5,
        "placement_seconds": 0.15,
        "image_bytes": {"test/large": 30},
        "pull_bytes_per_second": 100.0,
        "status_seconds": 0.05,
        "shutdown_minute_seconds": 1.0,
        "first_health_checks_seconds": 0.1,
        "template": None,
        "images": {"test/python": python_image, "test/large": python_image, **standard_images()},
    }
    return LocalCloudSettings(data_dir=data_dir, **{**fast, **changed})
