"""What a production used, read from its execution's history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lambdas.aws.placements import wanted_types
from lambdas.production.machines.volume_size import SMALLEST_GIB
from organist.report.cost_model import MachineUse, Use
from organist.report.history import StepChange, read_history, whole_history
from organist.report.transitions import count_history

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from organist.report.history import Step


def used_by(sfn: "SFNClient", execution_arn: str) -> Use:
    """Return what an execution used so far."""
    return use_of_history(whole_history(sfn, execution_arn))


def use_of_history(events: Sequence[Mapping[str, Any]]) -> Use:
    """Return what a history shows: each machine from its launch to its end, and the counts.

    A machine whose end is not in it counts to the last event.
    """
    counts = count_history(events)
    steps = list(read_history(events))
    machines = [
        _machine(step, steps, events[-1]["timestamp"])
        for step in steps
        if step.state == "NewInstance" and step.change is StepChange.ENTERED
    ]
    return Use(machines, counts.transitions, counts.calls)


def _machine(launch: "Step", steps: Sequence["Step"], last: datetime) -> MachineUse:
    ends = (
        step.at for step in steps if step.succeeded("TerminateInstance") and step.machine == launch.machine
    )
    until = next(ends, last)
    seconds = (until - launch.at).total_seconds()
    return MachineUse(_type_of(launch, steps), seconds, launch.data.get("volumeGiB", SMALLEST_GIB))


def _type_of(launch: "Step", steps: Sequence["Step"]) -> str:
    # A machine that was never launched has the type that was to be tried first.
    launched = (
        str(step.data["instanceType"])
        for step in steps
        if step.succeeded("NewInstance") and step.machine == launch.machine
    )
    return next(launched, wanted_types(launch.data.get("instanceType") or [""])[0])
