"""Step Functions: executions without a name, StopExecution's reason, redrives."""

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import BranchWorker
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.events.status_changes import StatusChange
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.moto_patches.stepfunctions import (
    definitions,
    history_pages,
    json_path,
    redrive,
    start_requests,
)
from local_cloud.polling import poll

_START_PATIENCE_SECONDS = 5.0


Changed = Callable[[StatusChange], None]


def install(replacements: Replacements, *, changed: Changed) -> None:
    """Make moto's Step Functions do what Amazon's does.

    Args:
        replacements: Ends with the cloud.
        changed: Told of every change of an execution's status.
    """
    json_path.install(replacements)
    definitions.install(replacements)
    redrive.install(replacements)
    history_pages.install(replacements)
    start_requests.install(replacements)
    _tell_starts(replacements, changed)
    _name_executions(replacements)
    _tell_start_time_as_text(replacements)
    _keep_reason_of_stop(replacements, changed)
    _end_branches_quietly(replacements)


def stop_all(region: str, account: str) -> None:
    """Stop every running execution, as the local cloud ends."""
    backend = stepfunctions_parser_backends[account][region]
    for state_machine in backend.state_machines:
        for execution in state_machine.executions:
            _stop(execution, error="LocalCloud.Ended", cause="The local cloud was shut down.")


def _name_executions(replacements: Replacements) -> None:
    original = StepFunctionsParserBackend.start_execution

    def start_execution(
        backend: Any, state_machine_arn: str, name: str | None = None, *rest: Any, **named: Any
    ) -> Any:
        return original(backend, state_machine_arn, name or str(uuid.uuid4()), *rest, **named)

    replacements.replace(StepFunctionsParserBackend, "start_execution", start_execution)


def _tell_start_time_as_text(replacements: Replacements) -> None:
    # $$.Execution.StartTime is a text; moto puts a datetime there, and DescribeExecution fails over it.
    original = Execution.get_start_execution_details

    def get_start_execution_details(execution: Any) -> Any:
        details = original(execution)
        moment = execution.start_date.astimezone(datetime.UTC)
        details.start_time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return details

    replacements.replace(Execution, "get_start_execution_details", get_start_execution_details)


def _tell_starts(replacements: Replacements, changed: Changed) -> None:
    original = Execution.start

    def start(execution: Any) -> None:
        original(execution)
        changed(_status_change(execution, ExecutionStatus.RUNNING))

    replacements.replace(Execution, "start", start)


def _status_change(execution: Any, status: ExecutionStatus) -> StatusChange:
    output = execution.output
    return StatusChange(
        execution_arn=execution.exec_arn,
        state_machine_arn=execution.state_machine_arn,
        name=execution.name,
        status=str(status.value),
        started_at=execution.start_date,
        stopped_at=execution.stop_date,
        input=execution.execution_input,
        output=output if output is None or isinstance(output, str) else json.dumps(output),
        error=execution.error,
        cause=execution.cause,
    )


def _keep_reason_of_stop(replacements: Replacements, changed: Changed) -> None:
    def stop_execution(response: Any) -> ActionResult:
        execution = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
        if _stop(execution, error=response._get_param("error"), cause=response._get_param("cause")):
            changed(_status_change(execution, ExecutionStatus.ABORTED))
        return ActionResult({"stopDate": execution.stop_date})

    def terminated(communication: Any) -> None:
        # What StopExecution set stays: the worker may notice only when its Lambda call has returned.
        if communication.execution.exec_status == ExecutionStatus.RUNNING:
            communication._reflect_execution_status()
            _write_text_as_json(communication.execution)
            changed(_status_change(communication.execution, communication.execution.exec_status))

    replacements.replace(StepFunctionResponse, "stop_execution", stop_execution)
    replacements.replace(BaseExecutionWorkerCommunication, "terminated", terminated)


def _write_text_as_json(execution: Any) -> None:
    # DescribeExecution gives the output as JSON; moto does so for all but a text, which it gives bare.
    if isinstance(execution.output, str):
        execution.output = json.dumps(execution.output)


def _end_branches_quietly(replacements: Replacements) -> None:
    # A branch of a Parallel that starts as its execution is stopped fails in its thread, with a traceback.
    original = BranchWorker._thread_routine

    def thread_routine(worker: Any) -> None:
        try:
            original(worker)
        except RuntimeError:
            if not isinstance(worker.env.program_state(), ProgramStopped):
                raise

    replacements.replace(BranchWorker, "_thread_routine", thread_routine)


def _stop(execution: Any, *, error: str | None, cause: str | None) -> bool:
    if execution.exec_status != ExecutionStatus.RUNNING:
        return False
    # The thread of an execution that was started this moment is not there yet.
    poll(lambda: execution.exec_worker.env is not None, _START_PATIENCE_SECONDS, 0.005)
    stop_date = datetime.datetime.now(tz=datetime.UTC)
    execution.error, execution.cause, execution.stop_date = error, cause, stop_date
    execution.exec_status = ExecutionStatus.ABORTED
    execution.stop(stop_date=stop_date, error=error, cause=cause)
    return True
