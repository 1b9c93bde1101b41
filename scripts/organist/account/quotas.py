"""Whether a region can start a production's machines: their types, and the account's vCPU quota."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.production.machines.machine_fit import TypeFacts
from lambdas.production.machines.machine_types import find_types
from organist.account.aws_account import Account
from organist.command_errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class CannotLaunch(CommandError):
    """The region or the account cannot start the machines; nothing was started."""


@dataclass(frozen=True)
class QuotaClass:
    """Instance types that share a quota of vCPUs: its code, its name, their families' first letters."""

    code: str
    name: str
    families: frozenset[str]


# https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
CLASSES = (
    QuotaClass(
        "L-1216C47A",
        "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        frozenset({"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"}),
    ),
    QuotaClass("L-DB2E81BA", "Running On-Demand G and VT instances", frozenset({"g", "gr", "vt"})),
    QuotaClass("L-417A185B", "Running On-Demand P instances", frozenset({"p"})),
    QuotaClass("L-7295265B", "Running On-Demand X instances", frozenset({"x"})),
    QuotaClass("L-74FC7D96", "Running On-Demand F instances", frozenset({"f"})),
    QuotaClass("L-1945791B", "Running On-Demand Inf instances", frozenset({"inf"})),
)


def check_types(ec2: "EC2Client", region: str, wanted: Sequence[str]) -> dict[str, TypeFacts]:
    """Return what EC2 says of each instance type.

    Raises:
        CannotLaunch: Names the types which the region does not offer.
    """
    found = find_types(wanted, ec2)
    if found.refusals:
        raise CannotLaunch(
            f"{region} does not offer {', '.join(found.refusals)}. Choose another instanceType or --region; "
            f"`aws ec2 describe-instance-type-offerings` shows what it has. Nothing was started."
        )
    return found.facts


def check_quota(account: Account, wanted: Sequence[str], facts: Mapping[str, TypeFacts]) -> list[str]:
    """Check that the account's quotas have room for the machines; return warnings for what cannot be read.

    Raises:
        CannotLaunch: A quota is too small; the message has its name, what is used and what is needed.
    """
    warnings = []
    for quota in CLASSES:
        needed = sum(facts[kind].vcpus for kind in wanted if _family(kind) in quota.families)
        if not needed:
            continue
        try:
            value = account.quotas.get_service_quota(ServiceCode="ec2", QuotaCode=quota.code)["Quota"][
                "Value"
            ]
        except (ClientError, BotoCoreError) as error:
            warnings.append(f'The quota "{quota.name}" could not be read, so it was not checked: {error}')
            continue
        used = _used(account.ec2, quota)
        if used + needed > value:
            raise CannotLaunch(
                f'The quota "{quota.name}" ({quota.code}) is {value:.0f} vCPUs in {account.region}; '
                f"{used} are in use and the production needs {needed}. End instances, choose smaller ones, "
                "or ask for more: https://console.aws.amazon.com/servicequotas/home/services/ec2/quotas/"
                f"{quota.code} Nothing was started."
            )
    return warnings


def _used(ec2: "EC2Client", quota: QuotaClass) -> int:
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    used = 0
    for page in ec2.get_paginator("describe_instances").paginate(Filters=states):  # type: ignore[arg-type]
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                # Spot instances have quotas of their own.
                if _family(instance["InstanceType"]) in quota.families and not instance.get(
                    "InstanceLifecycle"
                ):
                    cpu = instance.get("CpuOptions", {})
                    used += cpu.get("CoreCount", 1) * cpu.get("ThreadsPerCore", 1)
    return used


def _family(instance_type: str) -> str:
    letters = re.match(r"[a-z]+", instance_type)
    return letters.group() if letters else ""
