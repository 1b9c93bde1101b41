"""One production on the local cloud, from its document to its summary."""

import json
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from lambdas.production.secrets import OPERATOR
from local_cloud.cloud import LocalCloud
from local_cloud.errors import LocalCloudError
from local_cloud.polling import poll
from organist.account.machine_addresses import editor_url, pictures_url
from organist.metrics.no_metrics import NoMetrics
from organist.report.cost_model import EXPECTED, one_line
from organist.report.expected_use import expected_use
from organist.report.history import StepChange, describe_ended, follow
from organist.report.pictures import collect
from organist.report.production_facts import ProductionFacts
from organist.report.progress import Progress, open_progress
from organist.report.recordings import fetch_object, fetch_recordings
from organist.report.summary import ExecutionOutcome, Remainder, nothing_left, summarise, verdict
from organist.terminal import say

POLL_SECONDS = 0.4  # between two polls of the history
SETTLE_SECONDS = 30.0  # for the reaper, after an execution that did not tear down itself


def run_production(
    cloud: LocalCloud,
    document: dict[str, Any],
    name: str,
    output: Path,
    console: Console,
    metrics: NoMetrics,
) -> tuple[ExecutionOutcome, bool]:
    """Run a production and print its summary.

    Args:
        cloud: The local cloud, which runs.
        document: A valid document.
        name: The execution's name.
        output: The folder for the pictures.
        console: Where to print.
        metrics: What keeps and shows the metrics.

    Returns:
        The outcome, and whether nothing is left.
    """
    sfn = cloud.client("stepfunctions")
    arn = sfn.start_execution(stateMachineArn=cloud.state_machine_arn, name=name, input=json.dumps(document))[
        "executionArn"
    ]
    say(console, f"Execution {name}")
    facts = ProductionFacts(sfn.describe_execution(executionArn=arn)["startDate"])
    try:
        with open_progress(console, facts.started_at, metrics) as progress:
            for step in follow(sfn, arn, lambda: _sleep(progress)):
                facts.add(step)
                progress.show(step)
                if step.state == "ValidateInput" and step.change is StepChange.LEFT:
                    for warning in facts.warnings:
                        progress.say(f"Warning: {warning}")
                if step.state == "GoOnAir" and facts.on_air_at == step.at:
                    _say_where(progress, facts, cloud)
    except KeyboardInterrupt:
        sfn.stop_execution(executionArn=arn, error="Interrupted", cause="Ctrl-C")
        _keep_interrupted(cloud, facts, output, console)
        raise
    execution = describe_ended(sfn, arn, lambda: time.sleep(POLL_SECONDS))
    facts.end(execution["stopDate"])
    outcome = _outcome(execution)
    _say(console, verdict(outcome))
    files = _collect(cloud, facts, output, console)
    counts = _settled(cloud)
    # Machines of a laptop boot at once and cost nothing: so the cost is what the document costs on AWS.
    cost = one_line(expected_use(document), EXPECTED) if facts.machines else ""
    _say(console, summarise(facts, counts, files, cost, metrics.summary()))
    return outcome, nothing_left(counts)


def _say(console: Console, text: str) -> None:
    # A cause or a path may have brackets, which are no markup.
    say(console, text)


def _collect(cloud: LocalCloud, facts: ProductionFacts, output: Path, console: Console) -> list[Path]:
    """Keep the pictures; that they cannot be kept changes nothing about how the production went."""
    files: list[Path] = []
    for machine in facts.machines:
        try:
            media = cloud.machine_dir(machine["instanceName"]) / "media"
            files += collect(media, output / machine["role"])
        except (OSError, LocalCloudError) as error:
            _say(console, f"The pictures of {machine['instanceName']} are not kept: {error}")
    if facts.recording.get("location"):
        try:
            files += fetch_recordings(facts.recording, cloud.client("s3"), output / "recording")
        except (OSError, ClientError, BotoCoreError) as error:
            _say(console, f"The recording is not kept: {error}")
    if stored := facts.production.get("output", {}).get("location"):
        try:
            files += fetch_object(stored, cloud.client("s3"), output / "stored")
        except (OSError, ClientError, BotoCoreError) as error:
            _say(console, f"{stored} is not kept: {error}")
    return files


def _keep_interrupted(cloud: LocalCloud, facts: ProductionFacts, output: Path, console: Console) -> None:
    if not facts.machines:
        return
    _say(console, "Ending the production, to keep its pictures. Ctrl-C again loses them.")
    _settled(cloud)
    for path in _collect(cloud, facts, output, console):
        _say(console, f"Pictures             {path}")


def _sleep(progress: Progress) -> None:
    time.sleep(POLL_SECONDS)
    progress.print_figures()


def _settled(cloud: LocalCloud) -> dict[str, Remainder]:
    """Return the counts once nothing is left, or once the reaper has had its time."""
    poll(lambda: nothing_left(_remainders(cloud)), SETTLE_SECONDS, POLL_SECONDS)
    return _remainders(cloud)


def _remainders(cloud: LocalCloud) -> dict[str, Remainder]:
    return {kind: Remainder(count.started, count.left) for kind, count in cloud.resources().items()}


def _outcome(execution: dict[str, Any]) -> ExecutionOutcome:
    return ExecutionOutcome(execution["status"], execution.get("error", ""), execution.get("cause", ""))


def _say_where(progress: Progress, facts: ProductionFacts, cloud: LocalCloud) -> None:
    for machine in facts.machines:
        address, name = machine["privateAddress"], machine["instanceName"]
        login = f"user {OPERATOR}, password {cloud.operator_password(name)}"
        progress.say(f"Editor of {name}: {editor_url(address)}  ({login})")
    if facts.can_be_watched:
        progress.say(f"Watch it: {pictures_url(facts.address('encoder') or '')}")
    if facts.watched_by_all:
        progress.say(f"On the web: {facts.watched_by_all}")
