"""Following a production in an account, or on a local cloud that is elsewhere, to its summary."""

import time
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from lambdas.aws.instances import NOT_TERMINATED
from lambdas.show_instances import show_instances
from organist.account.aws_account import Account, explain
from organist.account.machine_addresses import editor_url, pictures_url, reached_at
from organist.exit_codes import BAD_INPUT, FAILURE, INTERRUPTED, SUCCESS
from organist.report.cost_model import USED, one_line
from organist.report.history import describe_ended, follow, patiently
from organist.report.production_facts import ProductionFacts
from organist.report.production_use import used_by
from organist.report.progress import Progress, open_progress
from organist.report.summary import ExecutionOutcome, Remainder, nothing_left, summarise, verdict
from organist.terminal import say

POLL_SECONDS = 2.0


class ProductionWatch:
    """Shows one execution; ending the watch leaves the production as it is."""

    def __init__(
        self,
        account: Account,
        stack_name: str,
        console: Console,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Prepare; ``stack_name`` is on the tags of the machines."""
        self._account = account
        self._stack_name = stack_name
        self._console = console
        self._poll_seconds = poll_seconds

    def run(self, execution_arn: str) -> int:
        """Follow an execution to its end; return the exit code."""
        sfn = self._account.stepfunctions
        describe = partial(sfn.describe_execution, executionArn=execution_arn)
        facts = ProductionFacts(patiently(describe, self._sleep)["startDate"])
        try:
            with open_progress(self._console, facts.started_at) as progress:
                for step in follow(sfn, execution_arn, self._sleep):
                    facts.add(step)
                    progress.show(step)
                    if step.state == "GoOnAir" and facts.on_air_at == step.at:
                        self._try_to_say_where(progress, facts, execution_arn)
        except KeyboardInterrupt:
            say(
                self._console,
                f"The production goes on. `organist watch {execution_arn}` shows it again, "
                "`organist stop` ends it.",
            )
            return INTERRUPTED
        execution = describe_ended(sfn, execution_arn, self._sleep)
        facts.end(execution["stopDate"])
        outcome = ExecutionOutcome(
            execution["status"], execution.get("error", ""), execution.get("cause", "")
        )
        self._say(verdict(outcome))
        if outcome.nothing_started:
            return BAD_INPUT
        try:
            counts = {"instances": self._instances(execution_arn)}
            cost = one_line(used_by(sfn, execution_arn), USED)
        except (ClientError, BotoCoreError) as error:
            self._say(f"What is left of it could not be looked at: {explain(error)}")
            return FAILURE
        self._say(summarise(facts, counts, [], cost))
        return SUCCESS if outcome.succeeded and nothing_left(counts) else FAILURE

    def _sleep(self) -> None:
        time.sleep(self._poll_seconds)

    def _say(self, text: str) -> None:
        say(self._console, text)

    def _try_to_say_where(self, progress: Progress, facts: ProductionFacts, execution_arn: str) -> None:
        try:
            self._say_where(progress, facts, execution_arn)
        except (ClientError, BotoCoreError) as error:
            progress.say(f"The machines' addresses could not be looked up: {explain(error)}")

    def _say_where(self, progress: Progress, facts: ProductionFacts, execution_arn: str) -> None:
        if facts.watched_by_all:
            progress.say(f"On the web: {facts.watched_by_all}")
        shown = show_instances({"executionArn": execution_arn}, self._stack_name, self._account.ec2)
        roles = {machine["instanceName"]: machine["role"] for machine in facts.machines}
        for machine in shown["instances"]:
            name, address = machine["instanceName"], reached_at(machine)
            if address is None:  # the watch began after the end
                continue
            progress.say(f"Editor of {name}: {editor_url(address)}  (organist login {name})")
            if roles.get(name) == "encoder" and facts.can_be_watched:
                progress.say(f"Watch it: {pictures_url(address)}")

    def _instances(self, execution_arn: str) -> Remainder:
        shown = show_instances({"executionArn": execution_arn}, self._stack_name, self._account.ec2)
        left = [machine for machine in shown["instances"] if machine["state"] in NOT_TERMINATED]
        return Remainder(len(shown["instances"]), len(left))
