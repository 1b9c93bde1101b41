"""The real handlers, called in this process in place of the local cloud's worker pool."""

import json
import threading
from typing import Any

from local_cloud.iam.authorizer import access_key_of
from local_cloud.lambda_runtime.specification import FunctionSpecification, InvocationResult
from tests.faults.containers import wait_until_it_listens
from tests.faults.injection import Current
from tests.faults.joining import TOLD_TO_WAIT, Joining
from tests.faults.states import calling_state
from tests.faults.watch import Invocation, Killed, TimedOut, Watch
from tests.support.functions_in_process import answered, call_handler, failed


class Functions:
    """Runs functions and knows whose production each invocation is."""

    def __init__(self, current: Current, joining: Joining) -> None:
        self._current = current
        self._joining = joining
        self._watches: dict[str, Watch] = {}
        self._lock = threading.Lock()

    def watch(self, production_id: str, watch: Watch) -> None:
        """From now on, what is invoked for a production is seen by its watch."""
        with self._lock:
            self._watches[production_id] = watch

    def forget(self, production_id: str) -> None:
        """The production is over."""
        with self._lock:
            del self._watches[production_id]

    def invoke(self, function: FunctionSpecification, event: Any) -> InvocationResult:
        """Call a function; what is injected into it ends it as Lambda would tell."""
        watch = self._watch_of(event)
        if watch is None:
            return self._call(function, event)
        watch.begin()
        self._current.invocation = Invocation(watch, calling_state(function.name, event), event)
        try:
            return self._call(function, event)
        finally:
            self._current.invocation = None
            watch.end()

    def _call(self, function: FunctionSpecification, event: Any) -> InvocationResult:
        self._current.function, self._current.access_key = function.name, access_key_of(function.role)
        try:
            answer = call_handler(function, event)
            if function.name == "startNodeRED" and "taskArn" in answer:
                wait_until_it_listens(event["instanceName"])
            return answered(answer)
        except Killed:
            return failed("Runtime.ExitError", "Error: Runtime exited with error: signal: killed")
        except TimedOut:
            return failed("Sandbox.Timedout", f"Error: Task timed out after {function.timeout:.2f} seconds")
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the function's answer
            if type(error).__name__ == TOLD_TO_WAIT:
                self._joining.let_in(event["instanceName"])
            return failed(type(error).__name__, str(error))

    def _watch_of(self, event: Any) -> Watch | None:
        text = json.dumps(event)
        with self._lock:
            return next(
                (
                    watch
                    for production_id, watch in self._watches.items()
                    if production_id in text or watch.execution_arn in text
                ),
                None,
            )
