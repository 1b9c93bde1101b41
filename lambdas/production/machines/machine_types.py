"""The instance types of a document, held against what EC2 has in the region and in the stack's zones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code, error_message
from lambdas.aws.placements import Offers, order_subnets, placements, wanted_types
from lambdas.modules.catalogue import Engine
from lambdas.production.machines.machine_fit import TypeFacts
from lambdas.production.model import Production

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

NO_SUCH_TYPE = ("InvalidInstanceType", "InvalidParameterValue")
# dynamorse's native modules are built for no other, and the aarch64 build of FFmpeg that there is (7.0.2) has
# never run the media path.
ARCHITECTURE = "x86_64"


def document_types(document: dict[str, Any], keys: list[str]) -> dict[str, str]:
    """Return every instance type of a valid document by its JSON path.

    Args:
        document: The document.
        keys: The properties of the machines.
    """
    found: dict[str, str] = {}
    for key in keys:
        wanted = document[key]["instanceType"]
        path = f"$.{key}.instanceType"
        paths = [path] if isinstance(wanted, str) else [f"{path}[{number}]" for number in range(len(wanted))]
        found |= dict(zip(paths, wanted_types(wanted), strict=True))
    return found


@dataclass(frozen=True)
class FoundTypes:
    """What the region says of instance types.

    Attributes:
        facts: Of each type that it has.
        refusals: EC2's words for each type that it does not have.
    """

    facts: dict[str, TypeFacts]
    refusals: dict[str, str]


def find_types(kinds: Iterable[str], ec2: "EC2Client") -> FoundTypes:
    """Ask EC2 for types, for each once.

    Args:
        kinds: The types.
        ec2: The client to ask.
    """
    found = FoundTypes({}, {})
    for kind in dict.fromkeys(kinds):
        try:
            (answer,) = ec2.describe_instance_types(InstanceTypes=[kind])["InstanceTypes"]  # type: ignore[list-item]
        except ClientError as error:
            if error_code(error) not in NO_SUCH_TYPE:
                raise
            found.refusals[kind] = error_message(error)
        else:
            found.facts[kind] = TypeFacts(
                vcpus=answer["VCpuInfo"]["DefaultVCpus"],
                memory_mib=answer["MemoryInfo"]["SizeInMiB"],
                burstable=answer["BurstablePerformanceSupported"],
                architectures=tuple(answer["ProcessorInfo"]["SupportedArchitectures"]),
            )
    return found


def type_mistakes(types: dict[str, str], engine: Engine, found: FoundTypes) -> list[str]:
    """Return which types the region does not have, or the engine does not run on.

    Args:
        types: Types by their JSON path.
        engine: The production's engine.
        found: What the region says of them.
    """
    faults = {kind: _fault(kind, engine, found) for kind in types.values()}
    return [f'{path} is "{kind}"{faults[kind]}' for path, kind in types.items() if faults[kind]]


def zone_mistakes(types: dict[str, str], offers: Offers) -> list[str]:
    """Return which types none of the zones of the stack's subnets has."""
    zones = ", ".join(sorted(set(offers.zones.values())))
    return [
        f'{path} is "{kind}"; expected a type that one of the zones of the stack\'s subnets has ({zones}): '
        "aws ec2 describe-instance-type-offerings --location-type availability-zone shows them"
        for path, kind in types.items()
        if not offers.offered(kind)
    ]


def place_machines(production: Production, offers: Offers) -> None:
    """Give both machines placements that they try in one order, so that they share a zone if possible."""
    machines = production["machines"]
    wanted = [wanted_types(machine["instanceType"]) for machine in machines]
    subnets = order_subnets(wanted, offers)
    for machine, types in zip(machines, wanted, strict=True):
        machine["placements"] = placements(types, subnets, offers)
        for placement in machine["placements"]:
            placement["architecture"] = ARCHITECTURE  # the only one that `type_mistakes` lets pass


def _fault(kind: str, engine: Engine, found: FoundTypes) -> str:
    if kind in found.refusals:
        return f"; expected an EC2 instance type that this region has ({found.refusals[kind]})"
    if ARCHITECTURE in found.facts[kind].architectures:
        return ""
    reason = (
        "dynamorse's native modules run on no other"
        if engine is Engine.DYNAMORSE
        else "the media engine has not run on another"
    )
    return f", which is not {ARCHITECTURE}; expected one that is: {reason}"
