"""One run of `organist deploy`, from the checks to the line that starts a production."""

import sys
import time

from rich.console import Console

from organist.account.aws_account import Account
from organist.account.deployed_stack import (
    describe_stack,
    find_stack,
    parameter_value,
    stack_outputs,
)
from organist.account.quiet_stack import check_quiet
from organist.commands.doctor import examine_deployment
from organist.confirmation import check_somebody, confirm
from organist.deploy.checks.old_clusters import remove_old_clusters
from organist.deploy.checks.service_linked_role import ensure_ecs_role
from organist.deploy.console_events import put_test_events
from organist.deploy.deployment import Deployment
from organist.deploy.image.build import ImageBuildFailed
from organist.deploy.image.deployment_image import DeploymentImage
from organist.deploy.machine_image.recipes import STANDARD_TYPE, advice, bake_for
from organist.deploy.options.deployment_options import DeploymentOptions
from organist.deploy.publishing import policy_lines
from organist.deploy.stack.change_set import ChangeSet, changes_table, delete_change_set
from organist.deploy.stack.stack_events import StackEvent, events_so_far, follow_stack, stack_status
from organist.exit_codes import FAILURE
from organist.terminal import say, show_table

POLL_SECONDS = 2.0  # between two polls of CloudFormation or CodeBuild
GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class DeployRun:
    """Checks, plans, asks, deploys, and examines what then stands."""

    def __init__(
        self,
        account: Account,
        options: DeploymentOptions,
        console: Console,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._account = account
        self._options = options
        self._console = console
        self._poll_seconds = poll_seconds

    def run(self, *, plan: bool, yes: bool, wait: bool = False) -> int:
        """Deploy; return the exit code.

        Args:
            plan: Make the change set only.
            yes: Ask for no confirmation.
            wait: Wait for the end of what runs in the stack, in place of refusing to update it.
        """
        if not plan and not yes:
            check_somebody(sys.stdin)
        deployment = Deployment(self._account, self._options, self._say, self._sleep)
        deployment.check()
        prepared = deployment.prepare()
        change_set = prepared.change_set
        if change_set is None:
            self._say(f"Nothing changed: the stack {self._options.stack} is as the repository says.")
            return 0 if plan else self._finish(prepared.image)
        show_table(self._console, changes_table(change_set.changes))
        if plan:
            delete_change_set(self._account.cloudformation, change_set)
            self._say("This was a plan: nothing was changed. The uploads stay in the bucket.")
            return 0
        if not self._agreed(change_set, yes=yes):
            return 0
        ready = self._make_ready(deployment, prepared.image, change_set, wait=wait)
        return self._finish(prepared.image) if ready and self._execute(change_set) else FAILURE

    def _make_ready(
        self, deployment: Deployment, image: DeploymentImage, change_set: ChangeSet, *, wait: bool
    ) -> bool:
        """Make what the stack needs before it is switched over; return whether all of it is there."""
        ready = False
        try:
            self._check_quiet(deployment, wait=wait)
            ensure_ecs_role(self._account.iam, self._say)
            if deployment.deployed is not None:
                image.build_before_update(deployment.deployed.outputs)
            # A build takes minutes, in which somebody may have started a production.
            self._check_quiet(deployment, wait=wait)
            ready = True
        except ImageBuildFailed as error:
            self._say(str(error))
            self._say(f"Nothing was changed: the stack {self._options.stack} stays as it was.")
        finally:
            if not ready:
                delete_change_set(self._account.cloudformation, change_set)
        return ready

    def _check_quiet(self, deployment: Deployment, *, wait: bool) -> None:
        stack = deployment.deployed
        if stack is not None and "StateMachineArn" in stack.outputs:
            check_quiet(self._account, stack, self._say, self._sleep, wait=wait)

    def _agreed(self, change_set: ChangeSet, *, yes: bool) -> bool:
        agreed = False
        try:
            agreed = yes or confirm("Make these changes?", sys.stdin)
        finally:
            if not agreed:
                delete_change_set(self._account.cloudformation, change_set)
        if not agreed:
            self._say("Nothing was changed.")
        return agreed

    def _execute(self, change_set: ChangeSet) -> bool:
        cfn = self._account.cloudformation
        stack_id = str((describe_stack(self._account, change_set.stack) or {})["StackId"])
        seen = events_so_far(cfn, stack_id)
        cfn.execute_change_set(StackName=change_set.stack, ChangeSetName=change_set.name)
        failure: StackEvent | None = None
        self._sleep()
        for event in follow_stack(cfn, stack_id, seen, self._sleep):
            self._say(event.line)
            failure = failure or (event if event.is_failure else None)
        status = stack_status(cfn, stack_id)
        if status in GOOD:
            return True
        self._say(f"The deployment failed and was rolled back: the stack {change_set.stack} is {status}.")
        if failure is not None:
            self._say(f"First to fail: {failure.resource} ({failure.kind}): {failure.reason}")
        if change_set.new:
            self._say(f"`organist destroy --stack {change_set.stack}` removes what is left of it.")
        return False

    def _finish(self, image: DeploymentImage) -> int:
        stack = describe_stack(self._account, self._options.stack) or {}
        outputs = stack_outputs(stack)
        if own := outputs.get("ClusterName"):
            remove_old_clusters(self._account.ecs, self._options.stack, own, self._say)
        try:
            image.ensure(outputs)
        except ImageBuildFailed as error:
            self._say(str(error))
            self._say("The stack stands, but no production can run. Deploy again to build the image again.")
            return FAILURE
        self._settle_machine_image()
        put_test_events(self._account.schemas, outputs.get("NamePrefix", ""), self._say)
        for name, value in outputs.items():
            self._say(f"{name:<24} {value}")
        for line in policy_lines(parameter_value(stack, "Publish"), outputs):
            self._say(line)
        if "KibanaUrl" in outputs and not parameter_value(stack, "OperatorCidr"):
            self._say("Nobody reaches Kibana yet: name your own addresses with --operator-cidr.")
        code = examine_deployment(
            self._account, find_stack(self._account, self._options.stack), self._console
        )
        self._say_how_to_start()
        return code

    def _settle_machine_image(self) -> None:
        stack = self._options.stack
        if self._options.bake:
            bake_for(self._account, stack, STANDARD_TYPE, self._say, time.sleep)
        elif line := advice(self._account, stack):
            self._say(line)

    def _say_how_to_start(self) -> None:
        arn = find_stack(self._account, self._options.stack).state_machine_arn
        region = self._account.region
        endpoint = f" --endpoint-url {self._account.endpoint_url}" if self._account.endpoint_url else ""
        self._say("\nStart a production:")
        self._say(
            f"  aws stepfunctions start-execution{endpoint} --region {region} --state-machine-arn {arn} "
            "--input file://step_functions/mediaInput.json"
        )
        self._say(
            "or in the console:\n  "
            f"https://{region}.console.aws.amazon.com/states/home?region={region}#/statemachines/view/{arn}"
        )

    def _say(self, text: str) -> None:
        say(self._console, text)

    def _sleep(self) -> None:
        time.sleep(self._poll_seconds)
