"""What a production must come to when something goes wrong, and whether it did."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_cloud.resource_tracker import KINDS
from tests.faults.plan import Call, Fault, FaultKind, Result, Service
from tests.faults.states import attempts, same_retry

_AWS_NAMES = {
    FaultKind.THROTTLED_ALWAYS: "AwsThrottled",
    FaultKind.DENIED: "AwsAccessDenied",
    FaultKind.TIMED_OUT_ALWAYS: "Sandbox.Timedout",
    FaultKind.LATE_ALWAYS: "Sandbox.Timedout",
}
_AWS_NAMES_ONCE = {
    FaultKind.THROTTLED_ONCE: "AwsThrottled",
    FaultKind.SERVER_ERROR_ONCE: "AwsUnavailable",
    FaultKind.ANSWER_LOST: "AwsUnavailable",
    FaultKind.TIMED_OUT_ONCE: "Sandbox.Timedout",
    FaultKind.KILLED_BEFORE: "Runtime.ExitError",
    FaultKind.KILLED_AFTER: "Runtime.ExitError",
}
_NODE_RED_NAMES = {
    FaultKind.THROTTLED_ALWAYS: "NodeREDUnreachable",
    FaultKind.DENIED: "NodeREDUnauthorised",
    FaultKind.TIMED_OUT_ALWAYS: "Sandbox.Timedout",
}
# Not knowing whether somebody asked to go off air, or what else AWS knows, is no reason to fail.
UNESSENTIAL = ("LookForStop", "ExplainFailure")
# Where validateInput may not look at a bucket the engine finds out.
LOOKS_AT_A_BUCKET = ("HeadBucket", "GetBucketEncryption")
COMPLETES = "CompleteRecording"
RECORDINGS = "recordings"
TEAR_DOWN = "TerminateInstance"
# Without these no machine ends; whatever else is refused, the machine goes all the same.
ENDS_MACHINES = ("DescribeInstances", "TerminateInstances")
INCOMPLETE, UNRECORDED = "TearDownIncomplete", "RecordingIncomplete"


@dataclass(frozen=True)
class Expectation:
    """How an execution may end.

    Args:
        errors: The execution ends with one of these; none when it succeeds.
        may_stay: The kinds of things that may be left before the reaper is called; after it nothing is left
            in any case.
    """

    errors: frozenset[str]
    may_stay: frozenset[str]


def error_name(fault: Fault) -> str:
    """Return the name of the error that a fault becomes, "" when the production gets over it."""
    if not fault.kind.always or fault.call.state in UNESSENTIAL:
        return ""
    if fault.call.state == TEAR_DOWN:
        return INCOMPLETE
    if fault.call.state == COMPLETES:
        return UNRECORDED
    if fault.kind is FaultKind.DENIED and fault.call.operation in LOOKS_AT_A_BUCKET:
        return ""
    return _raised(fault)


def _raised(fault: Fault) -> str:
    if (
        fault.kind is FaultKind.DENIED
        and fault.call.state == TEAR_DOWN
        and fault.call.operation not in ENDS_MACHINES
    ):
        return "MachineNotStopped"  # the machine ends; nothing is tried again
    if fault.call.service is Service.AWS:
        return _AWS_NAMES[fault.kind]
    if fault.call.state == "InstallNodeREDModule" and fault.kind is FaultKind.THROTTLED_ALWAYS:
        return "NodeREDNotReady"  # whose task is looked at, until it was started too long ago
    if fault.call.state == "GoOnAir" and fault.kind is FaultKind.THROTTLED_ALWAYS:
        return "NotOnAirYet"  # a Node-RED that does not answer yet is not on air yet
    return _NODE_RED_NAMES[fault.kind]


def _name_of(fault: Fault) -> str:
    return _raised(fault) if fault.kind.always else _AWS_NAMES_ONCE.get(fault.kind, "")


def _fatal(fault: Fault, injections: Mapping[Fault, int]) -> str:
    """Return the error that a fault ends the production with, "" if with none.

    A call that is made only while something is not yet so (a machine has not joined) may no longer be needed
    when the state machine tries again: then the fault was not injected until the last attempt. What else was
    injected there and is retried by the same rule uses up that rule's attempts.

    Args:
        fault: The fault.
        injections: In how many invocations each fault was injected.
    """
    name = error_name(fault)
    if not name:
        return ""
    state, raised = fault.call.state, _raised(fault)
    used = sum(
        count
        for other, count in injections.items()
        if (other.call.state, other.call.role) == (state, fault.call.role)
        and (other == fault or same_retry(state, raised, _name_of(other)))
    )
    return name if used >= attempts(state, raised) else ""


def expect(injections: Mapping[Fault, int]) -> Expectation:
    """Return what a production must come to, by the faults that it met and in how many invocations each.

    A failure before TearDown is the first error, whatever TearDown meets. Of two failures on branches that
    run side by side either may be the first.
    """
    names = {name for fault in injections if (name := _fatal(fault, injections))}
    may_stay: frozenset[str] = frozenset()
    if any(fault.kind is FaultKind.LATE_ALWAYS for fault in injections) or _keeps_a_machine(injections):
        may_stay = frozenset({*KINDS, RECORDINGS})
    elif INCOMPLETE in names:
        may_stay = frozenset({"container instances", RECORDINGS})
    elif UNRECORDED in names:
        may_stay = frozenset({RECORDINGS})
    for last in (UNRECORDED, INCOMPLETE):
        if len(names) > 1:
            names.discard(last)
    return Expectation(frozenset(names), may_stay)


def _keeps_a_machine(injections: Mapping[Fault, int]) -> bool:
    return any(
        fault.call.state == TEAR_DOWN and fault.call.operation in ENDS_MACHINES and _fatal(fault, injections)
        for fault in injections
    )


def find_leaks(result: Result) -> list[str]:
    """Return what a production left though it must not, in words."""
    message = []
    aborted = result.status in ("ABORTED", "TIMED_OUT")
    if set(result.left_by_itself) - expect(result.injections).may_stay and not aborted:
        message.append(f"{result.plan}: left {result.left_by_itself} to the reaper")
    if result.left:
        message.append(f"{result.plan}: left {result.left} after one call of the reaper")
    return message


def find_wrong_status(result: Result) -> list[str]:
    """Return how the status or the error's name is not what it must be, in words."""
    expected = expect(result.injections)
    if result.plan.abort_at or result.plan.machine_seconds:
        status = "ABORTED" if result.plan.abort_at else "TIMED_OUT"
        return [] if result.status == status else [f"{result.plan}: {result.status}; expected {status}"]
    if not expected.errors:
        fine = result.status == "SUCCEEDED"
        message = f"{result.status} {result.error}; expected SUCCEEDED"
    else:
        fine = result.status == "FAILED" and result.error in expected.errors
        message = f"{result.status} {result.error}; expected FAILED {' or '.join(sorted(expected.errors))}"
    return [] if fine else [f"{result.plan}: {message} ({result.cause[:200]})"]


def find_unreached(result: Result) -> list[str]:
    """Return the faults that no production came to, in words: they prove nothing."""
    return [
        f"{result.plan}: never came to {fault}"
        for fault in result.plan.faults
        if fault not in result.injections
    ]


def same_for_both_machines(call: Call) -> tuple[str, str, int]:
    """Return what a call is, whichever machine it is for."""
    return call.state, call.operation, call.nth
