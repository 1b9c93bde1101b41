"""A laptop's AWS: the project's state machine, functions, machines and tasks, for real, on 127.0.0.0/8."""

from local_cloud.cloud import LocalCloud
from local_cloud.ledger import Count
from local_cloud.settings import LocalCloudSettings

__all__ = ["Count", "LocalCloud", "LocalCloudSettings"]
