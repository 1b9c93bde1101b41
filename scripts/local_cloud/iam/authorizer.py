"""Whether a role may make a call; a person's own credentials may make any."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Protocol

from local_cloud.iam.ecs_requests import agent_requests
from local_cloud.iam.facts import Facts
from local_cloud.iam.policy import Decision, Request, evaluate
from local_cloud.iam.reference import find_action
from local_cloud.iam.requests import requests_of


class Roles(Protocol):
    """The roles of an account, as they are at the moment."""

    def arns(self) -> Iterable[str]:
        """The ARN of every role."""

    def policies(self, arn: str) -> Iterable[str]:
        """The policy documents of a role, those attached to it too."""


_WHY = {
    Decision.IMPLICIT_DENY: "because no identity-based policy allows the {action} action",
    Decision.EXPLICIT_DENY: "with an explicit deny in an identity-based policy",
}


class AccessDenied(Exception):
    """A role's policies do not allow a call; the text is AWS's."""


@cache
def access_key_of(role_arn: str) -> str:
    """Return the access key that a role's session signs with here: the role can be told from it."""
    return f"ASIA{hashlib.sha256(role_arn.encode()).hexdigest()[:16].upper()}"


class Authorizer:
    """Judges calls by the policies of the role whose credentials sign them."""

    def __init__(self, facts: Facts, roles: Roles) -> None:
        """Take what is looked up in the account, and its roles as they are at the moment of a call."""
        self._facts = facts
        self._roles = roles

    def check_call(
        self, access_key: str, service: str, operation: str, parameters: Mapping[str, Any]
    ) -> None:
        """Let a call through that its signer may make.

        Args:
            access_key: The key that signs the call; one of no role is a person's.
            service: As policies call it.
            operation: The API's name.
            parameters: The call's, by the API's names.

        Raises:
            AccessDenied: The role's policies do not allow everything that the service asks for.
            UnknownToIamError: The local cloud cannot tell.
        """
        role = next((arn for arn in self._roles.arns() if access_key_of(arn) == access_key), None)
        if role is not None:
            self.check(role, requests_of(service, operation, parameters, self._facts))

    def check_agent(self, role_arn: str, cluster: str) -> None:
        """Let a machine's ECS agent join a cluster if its role may do there what an agent does.

        Args:
            role_arn: The role of the machine's instance profile, "" without one.
            cluster: The cluster's name.

        Raises:
            AccessDenied: The role may not, or there is none.
        """
        if not role_arn:
            raise AccessDenied("NoCredentialProviders: the instance has no instance profile.")
        self.check(role_arn, agent_requests(self._facts, cluster))

    def check(self, role_arn: str, requests: Iterable[Request]) -> None:
        """Let requests through that a role may make; raises as ``check_call`` does."""
        policies = tuple(self._roles.policies(role_arn))
        for request in requests:
            decision = evaluate(policies, request)
            if decision is not Decision.ALLOWED:
                session = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
                raise AccessDenied(
                    f"User: {session}/local is not authorized to perform: {request.action} on resource: "
                    f"{request.resource} {_WHY[decision].format(action=request.action)}"
                )

    def simulate(self, role_arn: str, request: Request) -> Decision:
        """Return what a role's policies say of a request, as SimulatePrincipalPolicy does.

        Raises:
            UnknownToIamError: The local cloud does not know the action, or something in a policy.
        """
        find_action(request.action)
        return evaluate(self._roles.policies(role_arn), request)
