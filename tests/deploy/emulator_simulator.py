"""SimulatePrincipalPolicy on ministack, which else allows everything: the local cloud's evaluator answers."""

import itertools
from collections.abc import Iterator
from typing import Any

from ministack.services import iam

from local_cloud.iam.policy import Request, evaluate


def simulate(request: dict[str, Any]) -> Any:
    """Answer as AWS does, by the policies that the role has."""
    source = iam._p(request, "PolicySourceArn")
    role = next((role for role in iam._roles.values() if role["Arn"] == source), None)
    if role is None:
        return iam._error(404, "NoSuchEntity", f"Role {source} does not exist.", ns="iam")
    policies, context = list(_policies(role)), _context(request)
    members = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
        f"<EvalDecision>{evaluate(policies, Request(action, resource, context)).value}</EvalDecision>"
        "<MatchedStatements></MatchedStatements><MissingContextValues></MissingContextValues></member>"
        for action in _members(request, "ActionNames")
        for resource in list(_members(request, "ResourceArns")) or ["*"]
    )
    message = f"<EvaluationResults>{members}</EvaluationResults><IsTruncated>false</IsTruncated>"
    result = f"<SimulatePrincipalPolicyResult>{message}</SimulatePrincipalPolicyResult>"
    return iam._xml(200, "SimulatePrincipalPolicyResponse", result, ns="iam")


def _policies(role: dict[str, Any]) -> Iterator[str]:
    yield from role["InlinePolicies"].values()
    for attached in role["AttachedPolicies"]:
        # CloudFormation's are kept with their names, and some of their documents under another key.
        record = iam._lookup_policy(attached["PolicyArn"] if isinstance(attached, dict) else attached)
        if record is None:
            continue  # ministack leaves a policy that a stack has removed on the role
        versions = record.get("Versions") or record["PolicyVersions"]
        yield next(version["Document"] for version in versions if version["IsDefaultVersion"])


def _context(request: dict[str, Any]) -> dict[str, list[str]]:
    entries = (f"ContextEntries.member.{number}" for number in itertools.count(1))
    keys = ((entry, iam._p(request, f"{entry}.ContextKeyName")) for entry in entries)
    named = itertools.takewhile(lambda pair: pair[1], keys)
    return {key: list(_members(request, f"{entry}.ContextKeyValues")) for entry, key in named}


def _members(request: dict[str, Any], name: str) -> Iterator[str]:
    values = (iam._p(request, f"{name}.member.{number}") for number in itertools.count(1))
    yield from itertools.takewhile(bool, values)
