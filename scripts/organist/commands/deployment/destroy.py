"""`organist destroy`: everything of a stack goes, in good order, and what stays is named."""

import sys
import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from lambdas.aws.baked_images import find_baked
from organist.account.aws_account import (
    Account,
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.account.deployed_stack import (
    STANDARD_STACK,
    DeployedStack,
    StackOption,
    describe_stack,
    stack_outputs,
)
from organist.account.productions_end import ProductionsRunning, end_productions, running_productions
from organist.confirmation import check_somebody, confirm
from organist.deploy.checks.account_checks import check_identity
from organist.deploy.console_events import remove_test_events
from organist.deploy.image.removal import remove_images
from organist.deploy.machine_image.removal import remove_baked
from organist.deploy.monitoring_end import leave_cluster, snapshots_of
from organist.deploy.package.uploads import FOLDER, Uploads
from organist.deploy.publishing import what_stays
from organist.deploy.stack.stack_events import events_so_far, follow_stack, stack_status
from organist.exit_codes import FAILURE, INTERRUPTED, SUCCESS
from organist.terminal import open_console, say

POLL_SECONDS = 5.0

ForceOption = Annotated[
    bool, typer.Option("--force", help="End running productions and remove their machines first.")
]
UploadsOption = Annotated[
    bool, typer.Option("--remove-uploads", help="Also remove what deployments uploaded to the bucket.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Remove the stack without asking first.")]


def destroy(  # noqa: PLR0913, PLR0917 - one parameter an option, as typer has it
    stack: StackOption = STANDARD_STACK,
    force: ForceOption = False,
    remove_uploads: UploadsOption = False,
    yes: YesOption = False,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Remove a deployment from an AWS account; refuses while productions run, unless forced."""
    if not yes:
        check_somebody(sys.stdin)
    account = open_account(profile, region, endpoint_url)
    try:
        run = DestroyRun(account, stack, open_console())
        code = run.run(force=force, remove_uploads=remove_uploads, yes=yes)
    except KeyboardInterrupt:
        say(
            open_console(), "Stopped looking. What CloudFormation has begun goes on; destroy again to see it."
        )
        code = INTERRUPTED
    raise typer.Exit(code)


class DestroyRun:
    """One run of ``organist destroy``."""

    def __init__(
        self, account: Account, stack: str, console: Console, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._account = account
        self._stack = stack
        self._console = console
        self._poll_seconds = poll_seconds

    def run(self, *, force: bool, remove_uploads: bool, yes: bool) -> int:
        """Remove the stack; return the exit code."""
        number = check_identity(self._account)
        described = describe_stack(self._account, self._stack)
        if described is None:
            raise AccountError(f"There is no stack {self._stack} in {self._account.region}.")
        if not yes and not confirm(
            f"Remove the stack {self._stack} from account {number}, region {self._account.region}?", sys.stdin
        ):
            self._say("Nothing was changed.")
            return SUCCESS
        deployed = DeployedStack(self._stack, stack_outputs(described))
        if "StateMachineArn" in deployed.outputs:
            self._end_what_runs(deployed, force=force)
        self._remove_images(deployed.outputs.get("NodeREDRepositoryName"))
        for output in ("ClusterName", "MonitoringCluster"):
            if output in deployed.outputs:
                leave_cluster(self._account, deployed.outputs[output])
        log_groups = self._log_groups(str(described["StackId"]))
        if not self._delete(str(described["StackId"])):
            return FAILURE
        remove_test_events(self._account.schemas, deployed.outputs.get("NamePrefix", ""), self._say)
        for line in what_stays(deployed.outputs):
            self._say(line)
        self._name_log_groups(log_groups)
        self._name_snapshots(deployed.outputs.get("MonitoringVolume"))
        self._settle_uploads(described, remove=remove_uploads)
        return SUCCESS

    def _remove_images(self, repository: str | None) -> None:
        if repository:
            for line in remove_images(self._account.ecr, repository):
                self._say(line)
        for line in remove_baked(self._account.ec2, find_baked(self._account.ec2, self._stack)):
            self._say(line)

    def _end_what_runs(self, deployed: DeployedStack, *, force: bool) -> None:
        try:
            self._end_productions(deployed, force=force)
        except AccountError as error:
            if not force:
                raise
            # Or a stack whose reaper is broken could never be removed.
            self._say(f"Warning: {error} Machines that are left end themselves when they expire.")

    def _end_productions(self, deployed: DeployedStack, *, force: bool) -> None:
        running = running_productions(self._account, deployed)
        if not running.anything:
            return
        if not force:
            what = ", ".join([*running.executions, *running.machines])
            raise ProductionsRunning(
                f"Something still runs: {what}. `organist stop EXECUTION` ends a production in good order; "
                "`organist destroy --force` ends everything at once. Nothing was changed."
            )
        end_productions(self._account, deployed, self._say, self._sleep)

    def _delete(self, stack_id: str) -> bool:
        cfn = self._account.cloudformation
        seen = events_so_far(cfn, stack_id)
        cfn.delete_stack(StackName=self._stack)
        self._say("AWS takes up to 20 minutes to give back the network interfaces of the functions.")
        self._sleep()
        events = []
        for event in follow_stack(cfn, stack_id, seen, self._sleep):
            self._say(event.line)
            events.append(event)
        status = stack_status(cfn, stack_id)
        if status == "DELETE_COMPLETE":
            self._say(f"The stack {self._stack} is gone.")
            for event in events:
                if event.status == "DELETE_SKIPPED":
                    self._say(f"Stays, as the template says: {event.resource} ({event.kind})")
            return True
        self._say(f"The stack {self._stack} is {status}.")
        for event in events:
            if event.is_failure:
                self._say(f"Not removed: {event.resource} ({event.kind}): {event.reason}")
        self._say("Mend the cause, then run this command again.")
        return False

    def _log_groups(self, stack_id: str) -> list[str]:
        """Return the names of the log groups that Lambda makes for the stack's functions."""
        pages = self._account.cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=stack_id
        )
        return [
            f"/aws/lambda/{found.get('PhysicalResourceId', '')}"
            for page in pages
            for found in page["StackResourceSummaries"]
            if found["ResourceType"] == "AWS::Lambda::Function"
        ]

    def _name_log_groups(self, names: list[str]) -> None:
        for name in names:
            found = self._account.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
            if any(group["logGroupName"] == name for group in found):
                self._say(f"Stays until its retention ends: the log group {name}")

    def _name_snapshots(self, volume: str | None) -> None:
        for snapshot in snapshots_of(self._account, volume) if volume else ():
            self._say(
                f"Stays, and costs a little: {snapshot}, the statistics that were kept. To remove it: "
                f"aws ec2 delete-snapshot --region {self._account.region} --snapshot-id {snapshot}"
            )

    def _settle_uploads(self, described: Mapping[str, Any], *, remove: bool) -> None:
        values = {item["ParameterKey"]: item.get("ParameterValue", "") for item in described["Parameters"]}
        bucket = values.get("SourceBucket")
        if not bucket:
            return
        uploads = Uploads(self._account.s3, bucket, self._say)
        keys = uploads.own_keys()
        if remove:
            uploads.remove(keys)
            self._say(f"{len(keys)} uploads removed from s3://{bucket}/{FOLDER}")
        elif keys:
            self._say(
                f"{len(keys)} uploads stay in s3://{bucket}/{FOLDER}; another stack may have been deployed "
                "from them. --remove-uploads removes them."
            )

    def _say(self, text: str) -> None:
        say(self._console, text)

    def _sleep(self) -> None:
        time.sleep(self._poll_seconds)
