"""What the resource handlers work with."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from local_cloud.events.bus import EventBus

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}

_ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

_EVERYWHERE = "0.0.0.0/0"


class LocalAccount(Protocol):
    """The account that things are made in."""

    region: str
    bus: EventBus

    def client(self, service: str) -> Any:
        """A boto3 client."""


class Provisioner:
    """The account, the repository, and what is made once for all resources."""

    def __init__(self, account: LocalAccount, repository: Path, stack_name: str) -> None:
        self.stack_name = stack_name
        self.region = account.region
        self.repository = repository
        self.bus = account.bus
        self.client = functools.cache(account.client)

    @functools.cached_property
    def service_role(self) -> str:
        """The role of functions and state machines of templates that name none; it may do anything."""
        iam, name = self.client("iam"), f"{self.stack_name}-local-services"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
        iam.put_role_policy(RoleName=name, PolicyName="anything", PolicyDocument=json.dumps(_ANYTHING))
        return str(role["Role"]["Arn"])

    def local_variables(self, variables: Mapping[str, Any]) -> dict[str, str]:
        """A function's environment with local paths for the Lambda zip's; no image is needed."""
        local = {name: str(value) for name, value in variables.items()}
        if "DYNAMORSE_IMAGE" in local:
            local["DYNAMORSE_IMAGE"] = "yes"
        for network in ("CONTRIBUTION_CIDR", "DESTINATION_CIDR"):
            if local.get(network) == "":
                local[network] = _EVERYWHERE  # no security group filters what reaches a local machine
        return local
