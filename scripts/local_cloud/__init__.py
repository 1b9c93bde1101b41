"""A laptop's AWS: the project's state machine, functions, machines and tasks, for real, on 127.0.0.0/8."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_cloud.cloud import LocalCloud
    from local_cloud.ledger import Count
    from local_cloud.settings import LocalCloudSettings

__all__ = ["Count", "LocalCloud", "LocalCloudSettings"]

_WHERE = {
    "Count": "local_cloud.ledger",
    "LocalCloud": "local_cloud.cloud",
    "LocalCloudSettings": "local_cloud.settings",
}


def __getattr__(name: str) -> Any:
    """Load a part when it is asked for: the cloud takes seconds, the template's reader nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(_WHERE[name]), name)
