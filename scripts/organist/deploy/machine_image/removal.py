"""Removing machine images: they are deregistered, and their snapshots, which are what costs, deleted."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import ImageTypeDef

GONE = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound")


def remove_baked(ec2: "EC2Client", images: "Iterable[ImageTypeDef]") -> list[str]:
    """Remove machine images with their snapshots; return a line for each.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html
    """
    lines = []
    for image in images:
        _unless_gone(partial(ec2.deregister_image, ImageId=image["ImageId"]))
        for mapping in image.get("BlockDeviceMappings", []):
            if snapshot := mapping.get("Ebs", {}).get("SnapshotId"):
                _unless_gone(partial(ec2.delete_snapshot, SnapshotId=snapshot))
        lines.append(f"machine image {image['ImageId']} ({image.get('Name', '')}): removed with its snapshot")
    return lines


def _unless_gone(step: Callable[[], object]) -> None:
    try:
        step()
    except ClientError as error:
        if error_code(error) not in GONE:
            raise
