"""The end of the monitoring: its machine leaves its cluster, and what stays of its data is named."""

from botocore.exceptions import ClientError

from lambdas.aws.cluster import CLUSTER_GONE
from lambdas.aws.errors import error_code
from lambdas.aws.machine_removal import deregister
from organist.account.aws_account import Account


def leave_cluster(account: Account, cluster: str) -> None:
    """Take every machine out of a cluster: one with machines cannot be deleted, for up to 20 minutes."""
    try:
        pages = account.ecs.get_paginator("list_container_instances").paginate(cluster=cluster)
        deregister(cluster, [arn for page in pages for arn in page["containerInstanceArns"]], account.ecs)
    except ClientError as error:
        if error_code(error) != CLUSTER_GONE:
            raise


def snapshots_of(account: Account, volume: str) -> list[str]:
    """Return the ids of the snapshots that CloudFormation made of the data volume as it deleted it."""
    filters = [{"Name": "volume-id", "Values": [volume]}]
    pages = account.ec2.get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"],
        Filters=filters,  # type: ignore[arg-type]
    )
    return [snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]]
