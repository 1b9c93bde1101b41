"""The testbed on which productions run: one local cloud in this process, scaled and watched."""

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from local_cloud.cloud import LocalCloud
from local_cloud.moto_patches.awslambda import functions as lambda_functions
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.polling import poll
from local_cloud.provisioning.provision import STACK_NAME
from local_cloud.settings import ACCOUNT, REGION, LocalCloudSettings
from tests.faults.asked import Asked
from tests.faults.containers import node_red_image, start_thread
from tests.faults.expectations import RECORDINGS
from tests.faults.injection import AwsCalls, Current, meet_node_red_calls
from tests.faults.joining import Joining
from tests.faults.plan import Plan, Restriction, Result
from tests.faults.recording_double import BUCKET, PUBLISH, RECORD, unfinished_recordings
from tests.faults.watch import Watch
from tests.support import time_scaling
from tests.support.functions_in_process import make_clients, take_environment

# A module of npm's beside the media nodes, which are there from the start: its installation can fail, too.
MACHINE = {"instanceType": "c6i.large", "modules": ["media", "node-red-node-random"]}
DOCUMENT = {
    "mixParams": {"instanceName": "mixer"} | MACHINE,
    "encodeParams": {"instanceName": "encoder"} | MACHINE,
    "output": {"record": RECORD, "recordSources": ["bus 1"], "publish": PUBLISH},
}
LONGEST_PRODUCTION = 300.0  # on however busy a machine: only an execution that hangs takes longer
LONGEST_PAUSE = 0.05  # before a Retry, scaled: one that is throttled for good is tried for minutes
CLEAN_WITHIN = 3.0  # machines that were told to end take a moment to
DAY_SECONDS = 24 * 3600
SCHEDULE = {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}


class ProductionNeverEnded(AssertionError):
    """An execution that still runs long after it should have ended."""


class FaultTestbed:
    """Runs productions, and tells of each what it left."""

    def __init__(self, data_dir: Path) -> None:
        """Enter the local cloud; ``close`` leaves it."""
        self._ends = ExitStack()
        self._days_passed = 0
        self.cloud = self._ends.enter_context(LocalCloud(_settings(data_dir, self._time)))
        where: Any = {"LocationConstraint": REGION}
        self.cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        self.cloud.bus.close()  # the tests call the reaper themselves, when they want it
        current = Current()
        replacements = self._ends.enter_context(Replacements())
        self._asked = Asked(replacements, lambda: current.function)
        self._prepare_functions(current, replacements)
        lambda_functions.install(replacements, self.functions.invoke)
        time_scaling.shorten_waits(replacements, 0.01, LONGEST_PAUSE)
        time_scaling.remember_what_never_changes(replacements)
        time_scaling.call_functions_in_process(replacements, REGION)
        time_scaling.tell_entered_states(replacements, self._entered)
        self._watches: dict[str, Watch] = {}
        self._sfn = self.cloud.client("stepfunctions")

    def close(self) -> None:
        """Leave the local cloud."""
        self._ends.close()

    def run(self, plan: Plan) -> Result:
        """Run one production to its end and look at what it left, before and after the reaper."""
        arn, watch = self.start(plan)
        return self.finish(arn, watch)

    def run_restricted(self, restriction: Restriction, plan: Plan) -> Result:
        """Run one production while a role may do something elsewhere only."""
        iam, role = self.cloud.client("iam"), f"{STACK_NAME}-{restriction.role}"
        (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        own = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        changed = {**own, "Statement": [_restricted(one, restriction) for one in own["Statement"]]}
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(changed))
        try:
            return self.run(plan)
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(own))

    def run_and_redrive(self, plan: Plan) -> tuple[Result, Result]:
        """Run a production to its end, then redrive it; the second time nothing goes wrong."""
        arn, watch = self.start(plan)
        first = self.finish(arn, watch)
        again = self._watch(Plan(redriven_from=str(plan)), arn)
        self._sfn.redrive_execution(executionArn=arn)
        return first, self.finish(arn, again)

    def start(self, plan: Plan) -> tuple[str, Watch]:
        """Start a production; return its ARN and its watch."""
        time_scaling.forget_what_ended(REGION, ACCOUNT)
        self._days_passed += plan.idle_days
        machine, name = self.cloud.state_machine_arn, uuid.uuid4().hex
        arn = machine.replace(":stateMachine:", ":execution:") + f":{name}"
        watch = self._watch(plan, arn)
        document = json.dumps(DOCUMENT | {"runSeconds": plan.run_seconds})
        with self._time_limit(plan.machine_seconds):
            self._sfn.start_execution(stateMachineArn=machine, name=name, input=document)
        return arn, watch

    def finish(self, arn: str, watch: Watch) -> Result:
        """Wait for a production's end and look at what it left, before and after the reaper."""
        began = time.monotonic()
        described = self.wait_for_end(arn)
        aborted = described["status"] in ("ABORTED", "TIMED_OUT")
        if aborted:
            watch.wait_until_quiet()
        result = Result(
            plan=watch.plan,
            status=described["status"],
            error=described.get("error", ""),
            cause=described.get("cause", ""),
            calls=watch.calls,
            states=watch.states,
            injections=watch.injections,
        )
        for request in watch.late:
            request()
        result.left_by_itself = self.what_is_left(0 if watch.late or aborted else CLEAN_WITHIN)
        if result.left_by_itself:
            result.reaped = self.reap(_status_change(arn, result.status) if aborted else SCHEDULE)
            result.left = self.what_is_left(CLEAN_WITHIN)
            if set(result.left) == {RECORDINGS}:  # the machine went with the first call
                self.reap()
                result.left = self.what_is_left(0)
        for _ in range(5):  # what is found left is told; the next production finds an empty account
            if not self.what_is_left(0):
                break
            self.reap()
            self.what_is_left(CLEAN_WITHIN)
        self._watches.pop(arn)
        result.asked = self._asked.take()
        result.seconds = time.monotonic() - began
        return result

    def wait_for_end(self, arn: str) -> dict[str, Any]:
        """Wait until an execution has ended; return its description."""
        if not poll(partial(self._has_ended, arn), LONGEST_PRODUCTION, 0.02):
            raise ProductionNeverEnded(f"{self._watches[arn].plan}: in {self._watches[arn].states[-3:]}")
        described: dict[str, Any] = self._sfn.describe_execution(executionArn=arn)
        return described

    def _has_ended(self, arn: str) -> bool:
        return time_scaling.execution_status(arn, region=REGION, account=ACCOUNT) != "RUNNING"

    def reap(self, event: dict[str, Any] = SCHEDULE) -> list[str]:
        """Call the reaper once with an event; return the names of the machines that it removed."""
        answer = self.cloud.client("lambda").invoke(FunctionName="reapInstances", Payload=json.dumps(event))
        message = json.loads(answer["Payload"].read())
        return [machine["instanceName"] for machine in message["removed"]]

    def what_is_left(self, within: float) -> dict[str, int]:
        """Count what is there; wait ``within`` seconds (s) for nothing to be."""
        poll(lambda: not self._left(), within, 0.02)
        return self._left()

    def _left(self) -> dict[str, int]:
        there = {kind: count.left for kind, count in self.cloud.resources().items()}
        there[RECORDINGS] = unfinished_recordings(ACCOUNT)
        return {kind: left for kind, left in there.items() if left}

    def stop(self, arn: str) -> None:
        """Stop an execution, as from the console."""
        self._sfn.stop_execution(executionArn=arn, error="Stopped", cause="By the fault tests")

    def _time(self) -> float:
        return time.time() + self._days_passed * DAY_SECONDS

    def _watch(self, plan: Plan, arn: str) -> Watch:
        from lambdas.production.model import short_id  # noqa: PLC0415 - loaded once the environment is set

        watch = self._watches[arn] = Watch(plan, arn)
        self.functions.watch(short_id(arn), watch)
        return watch

    def _entered(self, arn: str, state: str) -> None:
        watch = self._watches.get(arn)
        if watch is not None:
            watch.enter(state)
            if watch.plan.abort_at == state:
                self.stop(arn)

    def _prepare_functions(self, current: Current, replacements: Replacements) -> None:
        take_environment(self.cloud)
        self._asked.learn(os.environ)
        from tests.faults.functions import Functions  # noqa: PLC0415 - it loads what reads the environment
        from tests.support import scaled_clock  # noqa: PLC0415

        scaled_clock.install()
        make_clients(AwsCalls(current, _wire).install)
        meet_node_red_calls(current)
        self.functions = Functions(current, Joining(replacements))

    @contextmanager
    def _time_limit(self, seconds: int) -> Iterator[None]:
        """Let executions that are started meanwhile have another time limit; 0 leaves the machine's own."""
        if not seconds:
            yield
            return
        arn = self.cloud.state_machine_arn
        own = self._sfn.describe_state_machine(stateMachineArn=arn)["definition"]
        limited = json.dumps(json.loads(own) | {"TimeoutSeconds": seconds})
        self._sfn.update_state_machine(stateMachineArn=arn, definition=limited)
        try:
            yield
        finally:
            self._sfn.update_state_machine(stateMachineArn=arn, definition=own)


def _restricted(statement: dict[str, Any], restriction: Restriction) -> dict[str, Any]:
    actions = statement["Action"]
    if restriction.action not in ([actions] if isinstance(actions, str) else actions):
        return statement
    return {**statement, "Resource": restriction.resource}


def _status_change(arn: str, status: str) -> dict[str, Any]:
    """Return what EventBridge brings the reaper when an execution has ended."""
    return {
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "detail": {"executionArn": arn, "status": status},
    }


def _wire(request: AWSPreparedRequest, service: str) -> AWSResponse:
    return time_scaling.answer(request, {"sfn": "states"}.get(service, service), REGION)


def _settings(data_dir: Path, clock: Callable[[], float]) -> LocalCloudSettings:
    return LocalCloudSettings(
        data_dir=data_dir,
        clock=clock,
        parameters={"MediaBuckets": BUCKET},
        wake_seconds=0.5,  # longer than a machine takes to boot: the steps in the VPC have to wait, too
        boot_seconds=0.08,
        join_seconds=0.03,
        stop_seconds=0.03,
        terminate_seconds=0.03,
        placement_seconds=0.01,
        first_health_checks_seconds=0.03,
        images={"node-red": node_red_image},
        start_program=start_thread,
    )
