"""Whether an instance type is large enough for its machine's work: refused, warned of, or good."""

from dataclasses import dataclass, field

from lambdas.production.machines.machine_need import Need, machine_sizes

RESERVED_MIB = 512
"""The tasks' ``memoryReservation``: ECS places Node-RED only where so much is left."""
SYSTEM_MIB = 256
"""For Linux, Docker and the ECS agent: AWS's own example of what to keep for them.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html"""
BUSY = 0.7
"""The share of vCPUs or memory beyond which nothing is left for a hard picture; assumed."""
STANDARD_MODE = frozenset({"t2"})
"""Families that cannot burst beyond their credits unless asked; the others are billed for it. An account may
have set another default: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode-concepts.html"""


@dataclass(frozen=True)
class TypeFacts:
    """What EC2 says of an instance type; a vCPU is taken as one of the processors that were measured on."""

    vcpus: int
    memory_mib: int
    burstable: bool
    architectures: tuple[str, ...] = ("x86_64",)


@dataclass
class Fit:
    """What is wrong with the types of a document: what cannot work, and what may not."""

    mistakes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def judge(self, path: str, kind: str, facts: TypeFacts, need: Need, minutes: int) -> None:
        """Hold a type against its work.

        Args:
            path: The type's JSON path in the document.
            kind: The type.
            facts: What EC2 says of it.
            need: The work.
            minutes: How long the machine lives at the most.
        """
        mistake = _lacks_memory(facts) or _lacks_processors(facts, need)
        if mistake:
            self.mistakes.append(f'{path} is "{kind}", which has {mistake}{_would_do(need)}')
            return
        message = [_busy(facts, need) or _bursts(kind, facts, need, minutes), _tight(facts, need)]
        for warning in filter(None, message):
            self.warnings.append(f"{path}: {kind} {warning}{_would_do(need)}")


def known_types() -> dict[str, TypeFacts]:
    """Return the types that ``machine_sizes.json`` knows, for where there is no EC2 to ask."""
    sizes = machine_sizes()
    baselines = sizes["burstable"]["baselines"]
    return {
        kind: TypeFacts(vcpus, memory, kind in baselines)
        for kind, (vcpus, memory) in sizes["types"]["vCPUsAndMiB"].items()
    }


def suggest(need: Need) -> str:
    """Return the smallest of the suggested types that does the work with ease; "" if none does."""
    types = known_types()
    for kind in machine_sizes()["suggested"]:
        if not (_lacks_memory(types[kind]) or _busy(types[kind], need) or _tight(types[kind], need)):
            return str(kind)
    return ""


def _lacks_memory(facts: TypeFacts) -> str:
    least = RESERVED_MIB + SYSTEM_MIB
    if facts.memory_mib >= least:
        return ""
    return (
        f"{facts.memory_mib:,} MiB; expected {least} at the least, {RESERVED_MIB} that Node-RED's task "
        f"reserves and {SYSTEM_MIB} for the system and the ECS agent"
    )


def _lacks_processors(facts: TypeFacts, need: Need) -> str:
    if not need.measured or need.least_cpu <= facts.vcpus:
        return ""
    return f"{_vcpus(facts)}; expected more: {need.work} takes {need.least_cpu:.1f} at the very least"


def _busy(facts: TypeFacts, need: Need) -> str:
    if need.cpu <= BUSY * facts.vcpus:
        return ""
    return f"has {_vcpus(facts)}, and {_takes(need)}. Pictures may be lost"


def _tight(facts: TypeFacts, need: Need) -> str:
    if need.memory_mib + SYSTEM_MIB <= BUSY * facts.memory_mib:
        return ""
    takes = f"{need.work} takes about {need.memory_mib:,.0f}{_unmeasured(need)}"
    return f"has {facts.memory_mib:,} MiB, and {takes}, the system {SYSTEM_MIB}. It may run out of memory"


def _bursts(kind: str, facts: TypeFacts, need: Need, minutes: int) -> str:
    if not facts.burstable:
        return ""
    burstable = machine_sizes()["burstable"]
    share = burstable["baselines"].get(kind)
    if share is None:
        return f"is burstable, organist does not know how much it sustains, and {_takes(need)}"
    sustained = share * facts.vcpus
    if need.cpu <= sustained:
        return ""
    begin = f"sustains {sustained:.2f} of {_vcpus(facts)} in the long run, and {_takes(need)}."
    if kind.partition(".")[0] not in STANDARD_MODE:
        price = burstable["surplusUSDAVCPUHour"]
        return f"{begin} AWS charges the rest, about ${price} for each vCPU and hour"
    spent = min(need.cpu, facts.vcpus) - sustained
    lasts = burstable["launchCreditsAVCPU"] * facts.vcpus / spent
    return (
        f"{begin} Launch credits, where the account gets any, last {lasts:.0f} minutes at the most; after "
        f"that pictures are lost (the machine lives up to {minutes})"
    )


def _vcpus(facts: TypeFacts) -> str:
    return f"{facts.vcpus} vCPU" + ("" if facts.vcpus == 1 else "s")


def _takes(need: Need) -> str:
    return f"{need.work} takes about {need.cpu:.2f}{_unmeasured(need)}"


def _unmeasured(need: Need) -> str:
    return "" if need.measured else " (as organist's own nodes do: dynamorse was never measured)"


def _would_do(need: Need) -> str:
    kind = suggest(need)
    return f". {kind} would do" if kind else ""
