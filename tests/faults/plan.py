"""What is to go wrong in one production: faults, each at one call; and what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from organist.doctor.checked_calls import CheckedCall


class Service(StrEnum):
    """Whose call it is."""

    AWS = "AWS"
    NODE_RED = "Node-RED"


@dataclass(frozen=True, order=True)
class Call:
    """One call of a production: which state makes it, for which machine, the how manieth of its kind.

    Args:
        nth: Counts the calls of the operation within one invocation, from 1.
    """

    state: str
    role: str
    service: Service
    operation: str
    nth: int

    def __str__(self) -> str:
        return f"{self.state} {self.role} {self.operation} #{self.nth}".replace("  ", " ")


class FaultKind(StrEnum):
    """What goes wrong; "once" is throughout one invocation, so that the client's own retry meets it too."""

    THROTTLED_ONCE = "throttled once"
    THROTTLED_ALWAYS = "throttled always"
    SERVER_ERROR_ONCE = "server error once"
    DENIED = "access denied always"
    ANSWER_LOST = "answer lost once"
    ANSWER_LOST_TO_ONE_ATTEMPT = "answer lost to the client's first attempt"
    KILLED_BEFORE = "killed just before, once"
    KILLED_AFTER = "killed just after, once"
    TIMED_OUT_ONCE = "timed out once"
    TIMED_OUT_ALWAYS = "timed out always"
    LATE_ALWAYS = "timed out always, and done only after the execution"

    @property
    def always(self) -> bool:
        """Whether it happens in every invocation."""
        return self.value.endswith(("always", "after the execution"))

    @property
    def ends_the_function(self) -> bool:
        """Whether the function has no chance to name what went wrong."""
        return self.value.startswith(("killed", "timed out"))


SINGLE = tuple(kind for kind in FaultKind if kind is not FaultKind.LATE_ALWAYS)
"""The kinds that every call is tried with."""
QUICK = tuple(kind for kind in SINGLE if kind is not FaultKind.TIMED_OUT_ALWAYS)
"""The same without the one that is much like being throttled always."""


@dataclass(frozen=True)
class Fault:
    """One fault."""

    call: Call
    kind: FaultKind

    def __str__(self) -> str:
        return f"{self.call}: {self.kind}"


@dataclass(frozen=True)
class Restriction:
    """An action that a role may do on another resource only, as a wrong policy has it."""

    role: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.role} may do {self.action} on {self.resource} only"


@dataclass(frozen=True)
class Plan:
    """One production: what goes wrong, and the state at whose entry somebody stops the execution.

    Args:
        branch: Faults that lead onto the branch where the others are.
        machine_seconds: The time limit (s) of the whole state machine, in place of its own.
        run_seconds: The time on air.
        idle_days: How long nobody produced anything before.
        redriven_from: The plan of the attempt before, in words.
    """

    faults: tuple[Fault, ...] = ()
    branch: tuple[Fault, ...] = ()
    abort_at: str = ""
    machine_seconds: int = 0
    run_seconds: int = 1
    idle_days: int = 0
    redriven_from: str = ""

    def __str__(self) -> str:
        message = [f"on the branch [{'; '.join(map(str, self.branch))}]"] if self.branch else []
        message += [str(fault) for fault in self.faults]
        message += [f"stopped at {self.abort_at}"] if self.abort_at else []
        message += [f"after {self.idle_days} days without a production"] if self.idle_days else []
        message += [f"redriven after: {self.redriven_from}"] if self.redriven_from else []
        return "; ".join(message) or "nothing goes wrong"


@dataclass
class Result:
    """What came of one production."""

    plan: Plan
    status: str
    error: str = ""
    cause: str = ""
    calls: Counter[Call] = field(default_factory=Counter)
    states: list[str] = field(default_factory=list)
    injections: Counter[Fault] = field(default_factory=Counter)
    """In how many invocations each fault was injected."""
    left_by_itself: dict[str, int] = field(default_factory=dict)
    """What was there when the execution had ended and nobody else had removed anything."""
    left: dict[str, int] = field(default_factory=dict)
    """What was there after one call of the reaper, as the schedule makes it; empty on an empty account."""
    reaped: list[str] = field(default_factory=list)
    """The machines that the reaper removed."""
    asked: frozenset[CheckedCall] = frozenset()
    """What IAM was asked for and allowed meanwhile, to the reaper too."""
    productions: int = 1
    """How many productions it took: a call that depends on timing is waited for in several."""
    seconds: float = 0.0
