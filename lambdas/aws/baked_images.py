"""Machine images of the stack's own, by `organist bake`: Node-RED's container image is on their disk.

They are found by their tags. One is used only where it holds exactly the container image that the stack runs
now, so none is ever older than it.
"""

from typing import TYPE_CHECKING

from lambdas.aws import tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, ImageTypeDef

HOLDS = "organist:image"  # the tag with the container image that is on the disk
BASE = "organist:base"  # and with Amazon's image that it was made of


def find_baked(ec2: "EC2Client", stack_name: str, **wanted: str) -> "Iterator[ImageTypeDef]":
    """Yield the stack's machine images, newest first.

    Args:
        ec2: The client to ask.
        stack_name: The stack.
        wanted: ``holds``, a container image; ``state``, such as available.
    """
    filters: list[FilterTypeDef] = [{"Name": f"tag:{tags.STACK}", "Values": [stack_name]}]
    if "holds" in wanted:
        filters.append({"Name": f"tag:{HOLDS}", "Values": [wanted["holds"]]})
    if "state" in wanted:
        filters.append({"Name": "state", "Values": [wanted["state"]]})
    found = ec2.describe_images(Owners=["self"], Filters=filters)["Images"]
    yield from sorted(found, key=lambda image: image["CreationDate"], reverse=True)


def usable_image(ec2: "EC2Client", stack_name: str, container_image: str) -> str:
    """Return the id of the newest machine image that holds a container image, "" if there is none."""
    found = find_baked(ec2, stack_name, holds=container_image, state="available")
    return next((image["ImageId"] for image in found), "")
