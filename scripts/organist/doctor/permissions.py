"""Whether each role may do what productions do, asked of AWS's own policy simulator.

The simulator is told the resource that AWS checks and the keys that AWS gives. It knows a role's policies
and its permissions boundary, not the policies of resources; organisations' policies (SCPs) it does not
evaluate as a real call does, least of all those with conditions:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
https://github.com/aws/aws-sdk/issues/102
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import DENIED, error_code, error_message
from organist.account.aws_account import EXPIRED, Account
from organist.doctor.checked_calls import MACHINE, STATE_MACHINE, CheckedCall, Context, filled, read_calls
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState
from organist.doctor.placeholders import read_placeholders

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef, EvaluationResultTypeDef

CHECK = "permissions"
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html: any other key here is a string.
_TYPES: dict[str, Any] = {"aws:TagKeys": "stringList", "ec2:IsLaunchTemplateResource": "boolean"}
_WORDS = {"implicitDeny": "nothing allows it", "explicitDeny": "a statement denies it"}


def check_permissions(account: Account, parts: DeployedParts) -> list[Finding]:
    """Return a finding for each role, and one for each call that it may not make."""
    values = read_placeholders(account, parts)
    calls = [one for call in read_calls() for one in filled(call, values)]
    roles = _roles(parts, values)
    iam = account.iam
    findings: list[Finding] = []
    for subject in dict.fromkeys(call.subject for call in calls):
        role, own = roles.get(subject), [call for call in calls if call.subject == subject]
        if role is None:
            # The functions' own check tells of one that is not there.
            findings += [_no_machine_role()] if subject == MACHINE else []
            continue
        try:
            refused = list(_refused(iam, role, own))
        except ClientError as error:
            if error_code(error) in DENIED - EXPIRED:
                return [*findings, _not_allowed_to_ask()]
            if error_code(error) != "NoSuchEntity":
                raise
            refused = [_no_role(subject, role, error)]
        findings += refused or [
            Finding(CHECK, subject, FindingState.OK, f"may do what productions need of it ({len(own)} asked)")
        ]
    return findings


def _roles(parts: DeployedParts, values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    functions = {name: found["Role"] for name, found in parts.functions.items() if found is not None}
    machines = zip([MACHINE], values["InstanceRole"], strict=False)
    return {**functions, **dict(machines), STATE_MACHINE: parts.state_machine["roleArn"]}


def _refused(iam: "IAMClient", role: str, calls: Sequence[CheckedCall]) -> Iterator[Finding]:
    """Ask about all calls of one role: one question for the actions on one resource with the same keys."""
    questions: dict[tuple[str, Context], list[CheckedCall]] = {}
    for call in calls:
        questions.setdefault((call.resource, call.context), []).append(call)
    pages = iam.get_paginator("simulate_principal_policy")
    for (resource, context), asked in questions.items():
        answers = pages.paginate(
            PolicySourceArn=role,
            ActionNames=[call.action for call in asked],
            ResourceArns=[resource],
            ContextEntries=_entries(context),
        )
        for page in answers:
            for result in page["EvaluationResults"]:
                if result["EvalDecision"] != "allowed":
                    yield _denied(asked[0].subject, role, resource, result)


def _entries(context: Context) -> "list[ContextEntryTypeDef]":
    return [
        {
            "ContextKeyName": key,
            "ContextKeyValues": list(values),
            "ContextKeyType": _TYPES.get(key, "string"),
        }
        for key, values in context
    ]


def _denied(subject: str, role: str, resource: str, result: "EvaluationResultTypeDef") -> Finding:
    action, name = result["EvalActionName"], role.rpartition("/")[2]
    what, where = f"{subject}: {action}", f"on {resource}"
    if not result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True):
        return Finding(
            CHECK,
            what,
            FindingState.WARNING,
            f"{where}: an organisation's policy (SCP) denies it, says the simulator, which may err there",
            "Start a production. If that ends with AwsAccessDenied, ask whoever keeps those policies.",
        )
    if not result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary", True):
        return Finding(
            CHECK,
            what,
            FindingState.FAILED,
            f"{where}: the permissions boundary of the role {name} does not allow it",
            "Ask whoever keeps the boundary to allow it.",
        )
    return Finding(
        CHECK,
        what,
        FindingState.FAILED,
        f"{where}: {_WORDS.get(result['EvalDecision'], result['EvalDecision'])} in the role {name}",
        "Give the role the statements of template.yaml again. Another `organist deploy` does not undo what "
        "was changed by hand.",
    )


def _not_allowed_to_ask() -> Finding:
    return Finding(
        CHECK,
        "roles",
        FindingState.WARNING,
        "could not be asked: your own credentials lack iam:SimulatePrincipalPolicy",
        "Repeat `organist doctor` with credentials that have it, or start a production: a role that lacks "
        "something ends it with AwsAccessDenied.",
    )


def _no_role(subject: str, role: str, error: ClientError) -> Finding:
    message = f"its role {role.rpartition('/')[2]} is not there: {error_message(error)}"
    return Finding(
        CHECK, subject, FindingState.FAILED, message, "Remove the stack with `organist destroy`; deploy anew."
    )


def _no_machine_role() -> Finding:
    message = "the instance profile of their launch template has no role"
    return Finding(
        CHECK, MACHINE, FindingState.FAILED, message, "Remove the stack with `organist destroy`; deploy anew."
    )
