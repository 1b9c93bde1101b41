"""The count of what was tried and of what went wrong."""

from dataclasses import dataclass, field

from tests.faults.expectations import find_leaks, find_unreached, find_wrong_status
from tests.faults.plan import Result


@dataclass
class FaultTotals:
    """What a suite prints at its end."""

    faults: int = 0
    productions: int = 0
    leaks: list[str] = field(default_factory=list)
    wrong_statuses: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)

    def add(self, result: Result, *, must_reach: bool = True) -> "FaultTotals":
        """Count a result; return what it alone adds."""
        alone = FaultTotals(
            faults=len(result.injections) + bool(result.plan.abort_at) + bool(result.plan.machine_seconds),
            productions=result.productions,
            leaks=find_leaks(result),
            wrong_statuses=find_wrong_status(result),
            unreached=find_unreached(result) if must_reach else [],
        )
        self.join(alone)
        return alone

    def join(self, other: "FaultTotals") -> None:
        """Count what another has counted."""
        self.faults += other.faults
        self.productions += other.productions
        self.leaks += other.leaks
        self.wrong_statuses += other.wrong_statuses
        self.unreached += other.unreached

    @property
    def complaints(self) -> list[str]:
        """Everything that is not as it must be."""
        return [*self.leaks, *self.wrong_statuses, *self.unreached]

    def __str__(self) -> str:
        return (
            f"faults tried: {self.faults}, productions run: {self.productions}, "
            f"leaks: {len(self.leaks)}, wrong statuses: {len(self.wrong_statuses)}"
        )
