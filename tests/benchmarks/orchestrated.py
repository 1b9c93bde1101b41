"""The same production as an execution of the state machine on a local cloud."""

import json
import time
from pathlib import Path
from typing import Any

from local_cloud.cloud import LocalCloud
from local_cloud.settings import LocalCloudSettings
from organist.report.history import follow
from organist.report.production_facts import ProductionFacts

POLL_SECONDS = 0.1


class NotOnAirError(Exception):
    """The execution ended before it was on air."""


def run_executions(document: dict[str, Any], folder: Path, times: int) -> list[float]:
    """Return the seconds from the start of each execution to on air.

    Args:
        document: A valid document.
        folder: An empty one for all that is written.
        times: How many executions.

    Raises:
        NotOnAirError: The execution failed; the message has its error.
    """
    with LocalCloud(LocalCloudSettings(data_dir=folder)) as cloud:
        return [_run(cloud, document) for _ in range(times)]


def _run(cloud: LocalCloud, document: dict[str, Any]) -> float:
    sfn = cloud.client("stepfunctions")
    arn = sfn.start_execution(stateMachineArn=cloud.state_machine_arn, input=json.dumps(document))[
        "executionArn"
    ]
    facts = ProductionFacts(sfn.describe_execution(executionArn=arn)["startDate"])
    for step in follow(sfn, arn, lambda: time.sleep(POLL_SECONDS)):
        facts.add(step)
    if facts.seconds_to_on_air is None:
        ended = sfn.describe_execution(executionArn=arn)
        raise NotOnAirError(f"{ended['status']} {ended.get('error')}: {ended.get('cause')}")
    return facts.seconds_to_on_air
