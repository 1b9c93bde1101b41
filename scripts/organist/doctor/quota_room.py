"""Whether the account's vCPU quotas have room for a document's machines."""

from collections.abc import Mapping
from typing import Any

from lambdas.aws.placements import wanted_types
from lambdas.engines.production_plan import MACHINES
from organist.account.aws_account import Account
from organist.account.quotas import CannotLaunch, check_quota, check_types
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

CHECK = "quotas"


def check_room(account: Account, _parts: DeployedParts, document: Mapping[str, Any]) -> list[Finding]:
    """Return a finding for the machines of a valid document, each of its first choice."""
    if account.endpoint_url:
        return [
            Finding(
                CHECK, "vCPUs", FindingState.NOT_ASKED, "not to be asked here: a local cloud has no quotas"
            )
        ]
    wanted = [wanted_types(document[key]["instanceType"])[0] for key in MACHINES.values()]
    try:
        facts = check_types(account.ec2, account.region, wanted)
        warnings = check_quota(account, wanted, facts)
    except CannotLaunch as error:
        message = str(error).removesuffix(" Nothing was started.")
        return [
            Finding(
                CHECK, "vCPUs", FindingState.FAILED, message, "Do what stands there, before a production."
            )
        ]
    needed = sum(facts[kind].vcpus for kind in wanted)
    if warnings:
        advice = "Let your credentials do servicequotas:GetServiceQuota, or look in the console."
        return [Finding(CHECK, "vCPUs", FindingState.WARNING, " ".join(warnings), advice)]
    return [
        Finding(CHECK, "vCPUs", FindingState.OK, f"there is room for the {needed} that a production needs")
    ]
