"""An account in this process for many productions at once, with real handlers and Node-RED doubles."""

import json
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from local_cloud.cloud import LocalCloud
from local_cloud.lambda_runtime.specification import FunctionSpecification, InvocationResult
from local_cloud.limits.account_limits import AccountLimits
from local_cloud.moto_patches.awslambda import functions as lambda_functions
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.polling import poll
from local_cloud.settings import ACCOUNT, REGION, LocalCloudSettings
from tests.faults.containers import node_red_image, start_thread
from tests.support import time_scaling
from tests.support.functions_in_process import answered, call_handler, failed, make_clients, take_environment

MACHINE = {"instanceType": "c6i.large"}
DEADLINE_SECONDS = 1800
LOOK_SECONDS = 0.5


@dataclass
class Outcome:
    """What became of some productions that began at once.

    Attributes:
        statuses: How many executions ended how.
        errors: Their errors' names and causes.
        left: What is left in the account, by kind.
        on_air_seconds: From each start to on air, in order.
        calls: AWS calls by name, refused ones among them.
        refused: Those that AWS throttled.
        invocations: Calls of functions.
        seconds: From the first start to the last end.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    left: dict[str, int] = field(default_factory=dict)
    on_air_seconds: list[float] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    invocations: int = 0
    seconds: float = 0.0


class Account:
    """A local cloud with limits, or without, in which functions run in this process."""

    def __init__(self, folder: Path, limits: AccountLimits | None) -> None:
        """Enter it as a context manager."""
        self._limits = limits
        self._ends = ExitStack()
        self._settings = LocalCloudSettings(
            data_dir=folder,
            limits=limits,
            images={"node-red": node_red_image},
            start_program=start_thread,
        )
        self._calls: Counter[str] = Counter()
        self._invocations: Counter[str] = Counter()
        self._on_air: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Open it."""
        self._cloud = self._ends.enter_context(LocalCloud(self._settings))
        self._cloud.bus.close()  # what a production leaves is to be seen, not reaped
        replacements = self._ends.enter_context(Replacements())
        lambda_functions.install(replacements, self._invoke)
        time_scaling.remember_what_never_changes(replacements)
        time_scaling.call_functions_in_process(replacements, REGION)
        time_scaling.tell_entered_states(replacements, self._entered)
        take_environment(self._cloud)
        make_clients(lambda events: events.register("before-send", self._send))  # type: ignore[arg-type]
        self._sfn = self._cloud.client("stepfunctions")
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._ends.close()

    def produce(self, count: int, run_seconds: int) -> Outcome:
        """Start so many productions at once, and wait until all have ended.

        Args:
            count: How many.
            run_seconds: The time on air of each.
        """
        outcome, began = Outcome(), time.monotonic()
        with ThreadPoolExecutor(min(count, 20)) as starters:
            started = dict(starters.map(lambda _: self._start(run_seconds), range(count)))
        poll(lambda: all(map(self._has_ended, started)), DEADLINE_SECONDS, LOOK_SECONDS)
        outcome.seconds = time.monotonic() - began
        for arn in started:
            described = self._sfn.describe_execution(executionArn=arn)
            outcome.statuses[described["status"]] += 1
            if described["status"] != "SUCCEEDED":
                outcome.errors[f"{described.get('error')}: {described.get('cause', '')[:120]}"] += 1
        outcome.on_air_seconds = sorted(
            self._on_air[arn] - begin for arn, begin in started.items() if arn in self._on_air
        )
        outcome.left = {kind: count.left for kind, count in self._cloud.resources().items() if count.left}
        outcome.calls, self._calls = self._calls, Counter()
        outcome.invocations = sum(self._invocations.values())
        self._invocations.clear()
        if self._limits:
            outcome.refused, self._limits.refused = self._limits.refused, Counter()
        time_scaling.forget_what_ended(REGION, ACCOUNT)
        return outcome

    def _start(self, run_seconds: int) -> tuple[str, float]:
        began = time.monotonic()
        document = {
            "mixParams": {"instanceName": "mixer"} | MACHINE,
            "encodeParams": {"instanceName": "encoder"} | MACHINE,
            "runSeconds": run_seconds,
        }
        started = self._sfn.start_execution(
            stateMachineArn=self._cloud.state_machine_arn, name=uuid.uuid4().hex, input=json.dumps(document)
        )
        return str(started["executionArn"]), began

    def _has_ended(self, arn: str) -> bool:
        return time_scaling.execution_status(arn, region=REGION, account=ACCOUNT) != "RUNNING"

    def _entered(self, arn: str, state: str) -> None:
        if state == "OnAir":
            self._on_air.setdefault(arn, time.monotonic())

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        self._calls[f"{service}:{operation}"] += 1
        return time_scaling.answer(request, {"sfn": "states"}.get(service, service), REGION)

    def _invoke(self, function: FunctionSpecification, event: Any) -> InvocationResult:
        self._invocations[function.name] += 1
        try:
            return answered(call_handler(function, event))
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the function's answer
            return failed(type(error).__name__, str(error))
