"""CloudFront's origin access controls for ministack, which has them, but not as resources of a stack."""

from typing import Any

from ministack.services import cloudfront
from ministack.services.cloudformation import provisioners


def install() -> None:
    """Let a template make them."""
    handlers = {"create": make, "delete": remove}
    provisioners._RESOURCE_HANDLERS.setdefault("AWS::CloudFront::OriginAccessControl", handlers)


def make(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    """Make one; of a name there is one in an account."""
    wanted = properties["OriginAccessControlConfig"]
    if any(found["Name"] == wanted["Name"] for found in cloudfront._oacs.values()):
        raise ValueError(f"An origin access control with the name {wanted['Name']} already exists.")
    made = cloudfront._dist_id()
    cloudfront._oacs[made] = {"Description": "", **wanted, "Id": made, "ETag": made}
    return made, {"Id": made}


def remove(physical_id: str, properties: dict[str, Any]) -> None:
    """Remove one."""
    cloudfront._oacs.pop(physical_id, None)
