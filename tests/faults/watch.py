"""One production under watch: its invocations and calls as they come, and the faults that await them."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.plan import Call, Fault, FaultKind, Plan, Service

QUIET_SECONDS = 0.25  # longer than any scaled pause of an execution that goes on


class Killed(BaseException):
    """The function's process ends here; no handler of exceptions sees it."""


class TimedOut(BaseException):
    """The function's time is over here."""


@dataclass
class Invocation:
    """One invocation of a function, on the thread that runs it."""

    watch: "Watch"
    state: str
    event: dict[str, Any]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    attempts: Counter[Call] = field(default_factory=Counter)
    injected: set[Fault] = field(default_factory=set)

    def count(self, operation: str, role: str) -> None:
        """The function is about to make a call."""
        self.counts[operation, role] += 1

    def meet(self, service: Service, operation: str, role: str) -> FaultKind | None:
        """Note the call that is made now (again, when its client tries once more); return what goes wrong."""
        call = Call(self.state, role, service, operation, self.counts[operation, role])
        self.attempts[call] += 1
        return self.watch.meet(call, self, self.attempts[call])


class Watch:
    """What happens in one production, thread by thread."""

    def __init__(self, plan: Plan, execution_arn: str) -> None:
        self.plan = plan
        self.execution_arn = execution_arn
        self.calls: Counter[Call] = Counter()
        self.states: list[str] = []
        self.injections: Counter[Fault] = Counter()
        self.late: list[Callable[[], object]] = []
        """Requests on their way, which arrive after the execution."""
        self._met_by: dict[Fault, Invocation] = {}
        self._lock = threading.Lock()
        self._in_flight = 0
        self._last_sign = time.monotonic()

    def meet(self, call: Call, invocation: Invocation, attempt: int) -> FaultKind | None:
        """Note a call; return the kind of the fault that it meets, if it meets one."""
        with self._lock:
            if attempt == 1:
                self.calls[call] += 1
            for fault in (*self.plan.branch, *self.plan.faults):
                if fault.call == call and self._applies(fault, invocation, attempt):
                    self.injections[fault] += fault not in invocation.injected
                    invocation.injected.add(fault)
                    return fault.kind
        return None

    def _applies(self, fault: Fault, invocation: Invocation, attempt: int) -> bool:
        if fault.kind.always:
            return True
        if fault.kind is FaultKind.ANSWER_LOST_TO_ONE_ATTEMPT and attempt > 1:
            return False
        return self._met_by.setdefault(fault, invocation) is invocation

    def enter(self, state: str) -> None:
        """The execution enters a state."""
        with self._lock:
            self.states.append(state)
            self._last_sign = time.monotonic()

    def begin(self) -> None:
        """An invocation begins."""
        with self._lock:
            self._in_flight += 1

    def end(self) -> None:
        """An invocation has ended."""
        with self._lock:
            self._in_flight -= 1
            self._last_sign = time.monotonic()

    def wait_until_quiet(self) -> None:
        """Wait until no function runs for the execution any more."""
        while True:
            with self._lock:
                if self._in_flight == 0 and time.monotonic() - self._last_sign > QUIET_SECONDS:
                    return
            time.sleep(0.02)
