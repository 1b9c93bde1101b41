"""Scaled time in Step Functions: waits take a part of their time, and every state that is entered is told.

For tests that run hundreds of executions; the local cloud itself waits as long as it is asked to.
"""

import functools
import logging
import math
import pickle
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as retries
import moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils as lambda_calls
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from moto import backends
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.ec2.models import ec2_backends
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval import states
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_cloud.errors import MotoChangedError
from local_cloud.moto_patches.replacements import Replacements

_log = logging.getLogger(__name__)
Entered = Callable[[str, str], None]
"""Told the execution's ARN and the state's name, before the state does anything."""


def shorten_waits(replacements: Replacements, part: float, longest_pause: float = math.inf) -> None:
    """Let Wait states and the pauses before a Retry take only ``part`` of their seconds.

    Args:
        replacements: What keeps moto's own.
        part: The share that is left of each second.
        longest_pause: The most (s) that a pause before a Retry takes then.
    """

    def wait_interval(_function: Any, env: Any, wait_seconds: float) -> None:
        end = time.monotonic() + wait_seconds * part
        while env.is_running() and (left := end - time.monotonic()) > 0:
            env.program_state_event.wait(left)

    replacements.replace(WaitFunction, "_wait_interval", wait_interval)
    scaled = SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds * part, longest_pause)))
    replacements.replace(retries, "time", scaled)


def tell_entered_states(replacements: Replacements, entered: Entered) -> None:
    """Call ``entered`` whenever an execution enters a state."""
    original = CommonStateField._get_state_entered_event_details

    def details(state: Any, env: Any) -> Any:
        message = original(state, env)
        entered(env.states.context_object.context_object_data["Execution"]["Id"], state.name)
        return message

    replacements.replace(CommonStateField, "_get_state_entered_event_details", details)


def remember_what_never_changes(replacements: Replacements) -> None:
    """Read a definition once, not for each execution, and moto's folders once, not for each request."""
    modules = tuple(backends.list_of_moto_modules())
    replacements.replace(backends, "list_of_moto_modules", lambda: modules)
    # What a definition is read into is never written to: an execution keeps its state in its environment.
    read = functools.cache(AmazonStateLanguageParser.parse)
    replacements.replace(AmazonStateLanguageParser, "parse", staticmethod(read))
    copying = SimpleNamespace(deepcopy=lambda value: pickle.loads(pickle.dumps(value)))  # noqa: S301 - its own
    replacements.replace(states, "copy", copying)


def execution_status(arn: str, *, region: str, account: str) -> str:
    """Return an execution's status without a request, for those who ask often."""
    execution = stepfunctions_parser_backends[account][region].describe_execution(arn)
    return str(execution.exec_status.value)


def forget_what_ended(region: str, account: str) -> None:
    """Forget instances and executions that have ended: moto keeps all, and looks through all each time."""
    ec2 = ec2_backends[account][region]
    for identity, reservation in list(ec2.reservations.items()):
        if all(instance._state.name == "terminated" for instance in reservation.instances):
            del ec2.reservations[identity]
            for instance in reservation.instances:
                ec2.tags.pop(instance.id, None)
    for state_machine in stepfunctions_parser_backends[account][region].state_machines:
        running = [e for e in state_machine.executions if e.exec_status == ExecutionStatus.RUNNING]
        state_machine.executions[:] = running


def answer(request: AWSPreparedRequest, service: str, region: str) -> AWSResponse:
    """Let moto answer a request in this process, without a connection.

    Args:
        request: The request, signed or not.
        service: Its name in Amazon's addresses, such as ``states``.
        region: The region that it is sent to.
    """
    path = "/" + request.url.split("/", 3)[3]
    asked = AWSPreparedRequest(
        request.method,
        f"https://{service}.{region}.amazonaws.com{path}",
        request.headers,
        request.body,
        False,
    )
    try:
        message = BotocoreStubber().process_request(asked)
    except Exception:  # noqa: BLE001 - the server, which is left out here, makes this of any fault of moto's
        _log.exception("moto failed on %s %s", asked.method, asked.url)
        return AWSResponse(request.url, 500, HTTPHeaders(), MockRawResponse(b""))
    if message is None:
        raise MotoChangedError(f"moto does not answer {asked.method} {asked.url} any more.")
    status, headers, body = message
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


def call_functions_in_process(replacements: Replacements, region: str) -> None:
    """Let the engine's calls of Lambda do without a connection, too."""
    client_for, ready = lambda_calls.boto_client_for, set[int]()

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return answer(request, "lambda", region)

    def in_process(**asked: Any) -> Any:
        client = client_for(**asked)
        if id(client) not in ready:
            ready.add(id(client))
            client.meta.events.register("before-send.lambda", send)
        return client

    replacements.replace(lambda_calls, "boto_client_for", in_process)
