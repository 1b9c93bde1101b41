"""EC2's calls that ministack lacks, or answers as no account does."""

from typing import Any

from ministack.services import ec2

describe_images = ec2._ACTION_MAP["DescribeImages"]


def install() -> None:
    """Put them into the emulator."""
    ec2._ACTION_MAP.setdefault("GetEbsDefaultKmsKeyId", _tell_default_key)
    ec2._ACTION_MAP.setdefault("DescribeInstanceTypeOfferings", _offer_every_type)
    ec2._ACTION_MAP["DescribeImages"] = _describe_images_of_others


def _tell_default_key(request: dict[str, Any]) -> Any:
    """Return the key of new EBS volumes: AWS's own, as in an account where nobody chose another."""
    return ec2._xml(200, "GetEbsDefaultKmsKeyIdResponse", "<kmsKeyId>alias/aws/ebs</kmsKeyId>")


def _offer_every_type(request: dict[str, Any]) -> Any:
    """Offer each type that is asked about in each zone that is asked about."""
    filters = ec2._parse_filters(request)
    items = "".join(
        f"<item><instanceType>{kind}</instanceType><location>{zone}</location>"
        "<locationType>availability-zone</locationType></item>"
        for kind in filters.get("instance-type", [])
        for zone in filters.get("location", [])
    )
    offerings = f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>"
    return ec2._xml(200, "DescribeInstanceTypeOfferingsResponse", offerings)


def _describe_images_of_others(request: dict[str, Any]) -> Any:
    """Describe ministack's images, which are Amazon's: none of them is the account's own."""
    owners = ec2._parse_member_list(request, "Owner")
    if "self" in owners:
        return ec2._xml(200, "DescribeImagesResponse", "<imagesSet></imagesSet>")
    return describe_images(request)
