"""Calls functions, each in a warm worker process, as many at once as there are calls."""

import json
import os
import signal
import threading
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from local_cloud.errors import ForkServerDiedError
from local_cloud.iam.authorizer import access_key_of
from local_cloud.lambda_runtime.fork_server import ForkServer, Worker
from local_cloud.lambda_runtime.specification import FunctionSpecification, InvocationResult, Surroundings
from local_cloud.processes import system_path

INIT_SECONDS = 10.0
"""Lambda's limit for loading a function, which does not count as the call's time."""


class WorkerPool:
    """Keeps idle workers by function and starts another when all are busy."""

    def __init__(self, fork_server: ForkServer, surroundings: Surroundings) -> None:
        self._fork_server = fork_server
        self._surroundings = surroundings
        self._lock = threading.Lock()
        self._idle: dict[str, list[Worker]] = defaultdict(list)
        self._all: set[Worker] = set()
        self._closed = False

    def invoke(self, function: FunctionSpecification, event: Any) -> InvocationResult:
        """Call a function and return its answer, which is an error in Lambda's shape when it fails.

        The function's time limit holds: at its end the worker is killed.
        """
        request_id = str(uuid.uuid4())
        try:
            return self._invoke(function, event, request_id)
        except ForkServerDiedError:
            if not self._closed:
                raise
            # The cloud is being left: what is called meanwhile ends as a killed worker does.
            return _exited(request_id, signal.SIGKILL)

    def _invoke(self, function: FunctionSpecification, event: Any, request_id: str) -> InvocationResult:
        worker = self._idle_worker(function)
        if worker is None:
            started = self._start(function, request_id)
            if isinstance(started, InvocationResult):
                return started
            worker = started
        call = {
            "event": event,
            "name": function.name,
            "arn": function.arn,
            "memory": function.memory,
            "request_id": request_id,
            "seconds": function.timeout,
        }
        try:
            worker.connection.send_bytes(json.dumps(call).encode())
            if not worker.connection.poll(function.timeout):
                self._end(worker, kill=True)
                return _timed_out(request_id, function.timeout)
            answer = worker.connection.recv_bytes()
        except (EOFError, OSError):
            return _exited(request_id, self._end(worker, kill=False))
        self._put_back(function, worker)
        return InvocationResult(payload=answer[1:], failed=answer[:1] == b"!")

    def close(self) -> None:
        """End every worker, busy or not."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
            self._idle.clear()
        for worker in workers:
            self._end(worker, kill=True)

    def _idle_worker(self, function: FunctionSpecification) -> Worker | None:
        with self._lock:
            idle = self._idle[function.identity]
            return idle.pop() if idle else None

    def _put_back(self, function: FunctionSpecification, worker: Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle[function.identity].append(worker)

    def _start(self, function: FunctionSpecification, request_id: str) -> Worker | InvocationResult:
        worker = self._fork_server.new_worker()
        with self._lock:
            self._all.add(worker)
        log_file = self._surroundings.log_folder / f"{function.name}.log"
        self._surroundings.open_log(function.log_group, function.name, log_file)
        setup = {
            "handler": function.handler,
            "environment": self._environment(function),
            "code_folders": [str(folder) for folder in self._surroundings.code_folders],
            "log_file": str(log_file),
        }
        try:
            worker.connection.send_bytes(json.dumps(setup).encode())
            if not worker.connection.poll(INIT_SECONDS):
                self._end(worker, kill=True)
                return _timed_out(request_id, INIT_SECONDS)
            failure = json.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            return _exited(request_id, self._end(worker, kill=False))
        if failure is not None:
            self._end(worker, kill=True)
            return _failed({**failure, "requestId": request_id})
        return worker

    def _end(self, worker: Worker, *, kill: bool) -> int:
        with self._lock:
            if worker not in self._all:
                return 0  # closing the pool has ended it already
            self._all.discard(worker)
        return worker.kill() if kill else worker.bury()

    def _environment(self, function: FunctionSpecification) -> Mapping[str, str]:
        region = self._surroundings.region
        return {
            **function.variables,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": access_key_of(function.role),
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_ENDPOINT_URL": self._surroundings.endpoint,
            "LANG": "C.UTF-8",
            "PATH": system_path(),
        }


def _timed_out(request_id: str, seconds: float) -> InvocationResult:
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return _failed({"errorType": "Sandbox.Timedout", "errorMessage": message})


def _exited(request_id: str, wait_status: int) -> InvocationResult:
    if os.WIFSIGNALED(wait_status):
        how = f"signal: {(signal.strsignal(os.WTERMSIG(wait_status)) or 'unknown').lower()}"
    else:
        how = f"exit status {os.WEXITSTATUS(wait_status)}"
    message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
    return _failed({"errorType": "Runtime.ExitError", "errorMessage": message})


def _failed(description: Mapping[str, Any]) -> InvocationResult:
    return InvocationResult(payload=json.dumps(description).encode(), failed=True)
