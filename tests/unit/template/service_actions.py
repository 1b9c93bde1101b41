"""Which resources an action can be restricted to: the Service Authorization Reference, as cfn-lint has it.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

# Actions that support resources and that are authorised on all of them nevertheless; where that is said.
ALL_RESOURCES_WANTED = {
    f"ec2:{action}": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"
    for action in (
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "AssignPrivateIpAddresses",
        "UnassignPrivateIpAddresses",
    )
} | {
    # Without a container instance in the call. The reference says otherwise; this is what people met.
    "ecs:ListTasks": "https://github.com/cdklabs/construct-hub/pull/1207"
}


@cache
def _reference() -> dict[str, Any]:
    text = (files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text()
    reference: dict[str, Any] = json.loads(text)
    return reference


def is_known(action: str) -> bool:
    """Whether AWS has such an action."""
    service, _, name = action.partition(":")
    return name.lower() in _reference().get(service, {}).get("Actions", {})


def resource_types(action: str) -> list[str]:
    """The types of resources that the action can be restricted to; none if it has to be allowed on ``*``."""
    service, _, name = action.partition(":")
    found: list[str] = _reference()[service]["Actions"][name.lower()].get("Resources", [])
    return found
