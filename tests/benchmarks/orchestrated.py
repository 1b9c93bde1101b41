"""The same production as an execution of the state machine on a local cloud."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.cloud import LocalCloud
from local_cloud.settings import LocalCloudSettings
from organist.report.history import follow
from organist.report.production_facts import ProductionFacts
from organist.report.transitions import Counts, count_history
from tests.benchmarks import order_of_2017
from tests.benchmarks.function_calls import calls_of, processor_seconds, seconds_a_call
from tests.benchmarks.parts import Parts

POLL_SECONDS = 0.1


class NotOnAirError(Exception):
    """The execution ended before it was on air."""


@dataclass(frozen=True)
class Execution:
    """One execution: seconds to on air, and by part; what Step Functions counts, calls by function."""

    seconds: float
    parts: Mapping[str, float]
    counts: Counts
    events: int
    calls: Mapping[str, int]


@dataclass(frozen=True)
class Executions:
    """What was run on one local cloud: the state machine, cold, then warm, and in the order of 2017."""

    cold: Execution
    ours: list[Execution]
    in_2017: Execution
    call_seconds: dict[str, float]


def run_executions(document: dict[str, Any], settings: LocalCloudSettings, times: int) -> Executions:
    """Return what each execution took.

    Args:
        document: A valid document.
        settings: The local cloud's; its folder is an empty one.
        times: How many executions, one after the other, after the first, which is cold.

    Raises:
        NotOnAirError: The execution failed; the message has its error.
    """
    with LocalCloud(settings) as cloud:
        cold = _run(cloud, cloud.state_machine_arn, document)
        before = processor_seconds()
        ours = [_run(cloud, cloud.state_machine_arn, document) for _ in range(times)]
        calls: Counter[str] = sum((Counter(one.calls) for one in ours), Counter())
        call_seconds = seconds_a_call(before, processor_seconds(), calls)
        in_2017 = _run(cloud, order_of_2017.create_state_machine(cloud), document)
        return Executions(cold, ours, in_2017, call_seconds)


def _run(cloud: LocalCloud, state_machine: str, document: dict[str, Any]) -> Execution:
    sfn = cloud.client("stepfunctions")
    arn = sfn.start_execution(stateMachineArn=state_machine, input=json.dumps(document))["executionArn"]
    started_at = sfn.describe_execution(executionArn=arn)["startDate"]
    facts, parts = ProductionFacts(started_at), Parts(started_at)
    for step in follow(sfn, arn, lambda: time.sleep(POLL_SECONDS)):
        facts.add(step)
        if facts.seconds_on_air == 0.0:
            parts.add(step)
    if facts.seconds_to_on_air is None:
        ended = sfn.describe_execution(executionArn=arn)
        raise NotOnAirError(f"{ended['status']} {ended.get('error')}: {ended.get('cause')}")
    pages = sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    return Execution(
        facts.seconds_to_on_air, parts.seconds(), count_history(events), len(events), calls_of(events)
    )
