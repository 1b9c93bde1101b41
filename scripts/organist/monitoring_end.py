"""The end of the monitoring: its machine leaves its cluster, and what stays of its data is named."""

from botocore.exceptions import ClientError

from lambdas.aws_errors import error_code
from lambdas.machine_removal import GONE, deregister
from organist.account import Account


def leave_cluster(account: Account, cluster: str) -> None:
    """Take the machine out of its cluster: a cluster with one cannot be deleted, for up to 20 minutes."""
    try:
        deregister(cluster, account.ecs)
    except ClientError as error:
        if error_code(error) != GONE:
            raise


def snapshots_of(account: Account, volume: str) -> list[str]:
    """Give the ids of the snapshots that CloudFormation made of the data volume as it deleted it."""
    filters = [{"Name": "volume-id", "Values": [volume]}]
    pages = account.ec2.get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"],
        Filters=filters,  # type: ignore[arg-type]
    )
    return [snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]]
