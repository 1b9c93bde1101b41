"""RedriveExecution, which moto lacks: an execution that did not succeed goes on at the state it ended in.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html. Amazon repeats only those
iterations of an inline Map that failed; here all are, which asks more of the functions.
"""

import datetime
import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.moto_patches.replacements import Replacements

REDRIVABLE = (ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT)


class ExecutionNotRedrivable(AWSError):  # type: ignore[misc]
    """The execution runs or has succeeded, or never came to a state."""

    TYPE = "ExecutionNotRedrivable"
    STATUS = 400


class _Worker(ExecutionWorker):  # type: ignore[misc]
    """Runs a definition from the state at which the execution had ended, with that state's input."""

    state: str
    state_input: Any
    before: list[Any]

    def _get_evaluation_entrypoint(self) -> EvalComponent:
        definition = json.loads(self._evaluation_details.state_machine_details.definition)
        return AmazonStateLanguageParser.parse(json.dumps(definition | {"StartAt": self.state}))[0]

    def _get_evaluation_environment(self) -> Environment:
        environment = super()._get_evaluation_environment()
        environment.states.reset(self.state_input)
        for event in self.before:
            environment.event_manager._event_id_gen.get()
            environment.event_manager._history_event_list.append(event)
        environment.event_manager.add_event(
            context=environment.event_history_context, event_type=HistoryEventType.ExecutionRedriven
        )
        return environment


class _Redriven(Execution):  # type: ignore[misc]
    """An execution that goes on under its ARN, name and time of start."""

    def go_on(self, state: str, state_input: Any, before: list[Any]) -> None:
        """Say where; ``start`` then starts it."""
        self._where = state, state_input, before

    def _get_start_execution_worker(self) -> ExecutionWorker:
        worker = super()._get_start_execution_worker()
        worker.__class__ = _Worker
        worker.state, worker.state_input, worker.before = self._where
        return worker


def install(replacements: Replacements) -> None:
    """Let Step Functions answer RedriveExecution."""

    def redrive_execution(response: Any) -> ActionResult:
        backend, arn = response.stepfunction_backend, response._get_param("executionArn")
        ended = backend.describe_execution(arn)
        if ended.exec_status not in REDRIVABLE:
            raise ExecutionNotRedrivable(
                f"Execution {arn} is {ended.exec_status.value}; it cannot be redriven."
            )
        history = ended.to_history_output()["events"]
        going_on = _again(ended)
        going_on.go_on(*_last_state(ended, history), history)
        executions = backend.describe_state_machine(ended.state_machine_arn).executions
        executions[executions.index(ended)] = going_on
        going_on.start()
        return ActionResult({"redriveDate": datetime.datetime.now(tz=datetime.UTC)})

    replacements.add(StepFunctionResponse, "redrive_execution", redrive_execution)


def _again(ended: Any) -> _Redriven:
    return _Redriven(
        name=ended.name,
        sm_type=ended.sm_type,
        role_arn=ended.role_arn,
        exec_arn=ended.exec_arn,
        account_id=ended.account_id,
        region_name=ended.region_name,
        state_machine=ended.state_machine,
        start_date=ended.start_date,
        cloud_watch_logging_session=None,
        input_data=ended.execution_input,
        trace_header=ended.trace_header,
        activity_store={},
    )


def _last_state(ended: Any, history: list[Any]) -> tuple[str, Any]:
    # A state within a Map is in the history too; the Map itself is what is gone on with.
    own = json.loads(ended.state_machine.definition)["States"]
    for event in reversed(history):
        entered = event.get("stateEnteredEventDetails")
        if entered and entered["name"] in own:
            return entered["name"], json.loads(entered["input"])
    raise ExecutionNotRedrivable(f"Execution {ended.exec_arn} never came to a state.")
