"""Whether the zones of the stack's subnets have the instance types of a document."""

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.aws.placements import Offers, find_offers, wanted_types
from lambdas.engines.production_plan import MACHINES
from organist.account.aws_account import Account
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

CHECK = "types"


def check_offerings(account: Account, parts: DeployedParts, document: Mapping[str, Any]) -> list[Finding]:
    """Return a finding for each machine of a valid document."""
    wanted = {role: wanted_types(document[key]["instanceType"]) for role, key in MACHINES.items()}
    every = {kind for kinds in wanted.values() for kind in kinds}
    offers = find_offers(every, parts.subnets, account.ec2)
    return [_machine(role, kinds, offers) for role, kinds in wanted.items()]


def _machine(role: str, kinds: Sequence[str], offers: Offers) -> Finding:
    found = {kind: _zones(kind, offers) for kind in kinds}
    message = "; ".join(f"{kind}: {', '.join(zones) or 'in no zone'}" for kind, zones in found.items())
    if not any(found.values()):
        zones = ", ".join(sorted(set(offers.zones.values())))
        return Finding(
            CHECK,
            role,
            FindingState.FAILED,
            f"{message} of the stack's ({zones})",
            "Name another instanceType, a list of several, or deploy with --subnets in other zones.",
        )
    if not all(found.values()):
        return Finding(CHECK, role, FindingState.WARNING, message, "Leave out the type that no zone has.")
    return Finding(CHECK, role, FindingState.OK, message)


def _zones(kind: str, offers: Offers) -> list[str]:
    return sorted({zone for zone in offers.zones.values() if kind in offers.types.get(zone, ())})
