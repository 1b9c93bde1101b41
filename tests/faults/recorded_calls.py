"""The calls of a production, from recorded runs: a new call is among them without anyone adding it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.faults.expectations import COMPLETES, error_name, same_for_both_machines
from tests.faults.plan import SINGLE, Call, Fault, FaultKind, Plan, Result, Service
from tests.faults.testbeds import FaultTestbeds

RECORDINGS = 3  # what a run comes to depends a little on timing


@dataclass(frozen=True)
class RecordedCalls:
    """What runs without the fault to be tried came to, by the branch that they took.

    Args:
        good: Productions in which nothing goes wrong.
        bad: Those on the branches of failures.
    """

    good: tuple[Result, ...] = field(repr=False)
    bad: tuple[Result, ...] = field(repr=False)

    @property
    def results(self) -> tuple[Result, ...]:
        """All of them."""
        return (*self.good, *self.bad)

    def calls(self) -> dict[Call, tuple[Fault, ...]]:
        """Every call, with the branch on which a production comes to it."""
        found: dict[Call, tuple[Fault, ...]] = {}
        for result in self.results:
            for call in sorted(result.calls):
                found.setdefault(call, result.plan.branch)
        return found

    def states(self) -> dict[str, tuple[Fault, ...]]:
        """Every state that is entered, with the branch on which it is."""
        found: dict[str, tuple[Fault, ...]] = {}
        for result in self.results:
            for state in result.states:
                found.setdefault(state, result.plan.branch)
        return found


def record(testbeds: FaultTestbeds) -> RecordedCalls:
    """Run productions and note their calls."""
    good = tuple(testbeds.run_all([Plan()] * RECORDINGS))
    branches = [(fault,) for fault in _failures({call for result in good for call in result.calls})]
    bad = tuple(testbeds.run_all([Plan(branch=branch) for branch in branches]))
    others = [Plan(branch=branch) for branch in (*_unexplained(bad), (silent_node_red("encoder"),))]
    return RecordedCalls(good, bad + tuple(testbeds.run_all(others)))


def silent_node_red(role: str) -> Fault:
    """Return the fault of a Node-RED that never answers, so that its task is looked at."""
    path = "GET /nodes/node-red-contrib-organist-media"
    call = Call("InstallNodeREDModule", role, Service.NODE_RED, path, nth=1)
    return Fault(call, FaultKind.THROTTLED_ALWAYS)


def _failures(calls: set[Call]) -> list[Fault]:
    """The faults that lead onto the branches of failures: one at the last call of each state."""
    last: dict[str, Call] = {}
    for call in sorted(calls):
        if call.role != "mixer" and error_name(Fault(call, FaultKind.DENIED)):
            last[call.state] = call
    return [Fault(call, FaultKind.DENIED) for call in last.values()]


def _unexplained(bad: Iterable[Result]) -> list[tuple[Fault, ...]]:
    """The branches of failures that cannot be explained: one of a machine's, one of the production's."""
    chosen: dict[bool, tuple[Fault, ...]] = {}
    for result in bad:
        explaining = sorted(call for call in result.calls if call.state == "ExplainFailure")
        if explaining:
            branch = (*result.plan.branch, Fault(explaining[0], FaultKind.DENIED))
            chosen.setdefault("GoOnAir" in result.states, branch)
    return list(chosen.values())


def single_faults(calls: dict[Call, tuple[Fault, ...]], *, both_machines: bool) -> Iterator[Plan]:
    """Yield every call with every kind of fault.

    Args:
        calls: The recorded calls.
        both_machines: Or else a call that is made for both of them is tried at one, in turn.
    """
    turn: dict[tuple[str, str, int], list[Call]] = {}
    for call in sorted(calls):
        turn.setdefault(same_for_both_machines(call), []).append(call)
    for number, twins in enumerate(turn.values()):
        for place, kind in enumerate(kinds_for(twins[0])):
            chosen = twins if both_machines else [twins[(number + place) % len(twins)]]
            yield from (Plan(faults=(Fault(call, kind),), branch=calls[call]) for call in chosen)


def packed(plans: Iterable[Plan]) -> Iterator[Plan]:
    """Yield a production of many faults in place of many productions, where it gets over them all."""
    by_branch: dict[tuple[Fault, ...], dict[tuple[str, bool], list[Fault]]] = {}
    for plan in plans:
        (fault,) = plan.faults
        if fault.kind.always or fault.call.state == COMPLETES:
            # What one attempt has completed the next does not do again: it may never come to another fault.
            yield plan
        else:
            states = by_branch.setdefault(plan.branch, {})
            states.setdefault((fault.call.state, fault.kind.ends_the_function), []).append(fault)
    for branch, states in by_branch.items():
        portions = {state: list(_portions(faults, _SURVIVED[state[1]])) for state, faults in states.items()}
        for number in range(max(map(len, portions.values()))):
            chosen = [fault for each in portions.values() for fault in (each[number : number + 1] or [[]])[0]]
            yield Plan(faults=tuple(chosen), branch=branch)


_SURVIVED = {True: 2, False: 5}  # of a kind, at one state: one less than the state machine's attempts at it


def _portions(faults: list[Fault], size: int) -> Iterator[list[Fault]]:
    for begin in range(0, len(faults), size):
        yield faults[begin : begin + size]


def kinds_for(call: Call) -> list[FaultKind]:
    """Return the kinds of fault that mean something for a call."""
    # The client of Node-RED makes one attempt only.
    one_attempt = call.service is Service.NODE_RED
    return [kind for kind in SINGLE if not (one_attempt and kind is FaultKind.ANSWER_LOST_TO_ONE_ATTEMPT)]


def aborts(states: dict[str, tuple[Fault, ...]]) -> Iterator[Plan]:
    """Yield every state as the one at whose entry somebody stops the execution."""
    for state, branch in states.items():
        yield Plan(branch=branch, abort_at=state)


def pairs_of(recorded: RecordedCalls, chance: Random) -> Plan:
    """Return two faults at calls of good productions, by chance."""
    calls = sorted({call for result in recorded.good for call in result.calls})
    faults = [Fault(call, kind) for call in calls for kind in kinds_for(call)]
    return Plan(faults=(chance.choice(faults), chance.choice(faults)))
