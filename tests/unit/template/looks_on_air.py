"""What machines and checkProduction log of what is wrong on air, and what of the template counts it."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lambdas.engines.check_times import CHECK_SECONDS
from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from tests.unit.template.plain import plain_template, resources_of

ASL = REPOSITORY / "step_functions" / "dynamicNTS.json"
LOOK_SECONDS = 0.3  # a look, with the step before it
TERM = re.compile(r'\$\.(\w+) = "([^"?\[\]]+)"')
METRICS = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "lib" / "metrics"
# One check by the handler itself, whose machine answers as it is told.
CHECK = """
import json, sys
from lambdas import check_production
from lambdas.node_red.errors import NodeREDUnreachable
told = json.loads(sys.argv[1])
class Machine:
    def metrics(self):
        if told["metrics"] is None:
            raise NodeREDUnreachable("GET /metrics got no answer in time.")
        return {"chains": [told["metrics"]]}
check_production.open_node_red = lambda machine, settings: Machine()
try:
    check_production.handler(told["event"], None)
except Exception as error:
    print(json.dumps({"raised": type(error).__name__}))
"""


def filter_of(log_group: str, metric: str) -> tuple[str, dict[str, Any]]:
    """The pattern of a log group's metric filter, and the figure that it makes."""
    made = [
        (one["FilterPattern"], *one["MetricTransformations"])
        for one in resources_of(plain_template(), "AWS::Logs::MetricFilter").values()
        if one["LogGroupName"] == {"Ref": log_group}
    ]
    ((pattern, figure),) = [one for one in made if one[1]["MetricName"] == metric]
    return pattern, figure


def alarm_of(metric: str) -> dict[str, Any]:
    """The alarm on a figure."""
    alarms = resources_of(plain_template(), "AWS::CloudWatch::Alarm").values()
    alarm: dict[str, Any]
    (alarm,) = [one for one in alarms if one["MetricName"] == metric]
    return alarm


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Whether a metric filter counts a line; it knows the two forms of pattern that the template has.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
    """
    within = re.fullmatch(r"\{ (.+) \}", pattern)
    assert within is not None
    terms = [TERM.fullmatch(term.strip("()")) for term in within[1].split(" || ")]
    assert all(terms), "a pattern that is not modelled"
    return any(fnmatchcase(str(line.get(term[1], "")), term[2]) for term in terms if term)


def told_by_a_machine(chain: str) -> str:
    """What a machine's log says of a chain that is down, by the module that says it."""
    script = (
        "const { DownWatch } = require(process.argv[1]); const watch = new DownWatch();"
        "const look = (state, s) => watch.look({ name: process.argv[2], state }, s * 1000);"
        "look('running', 0); look('waiting', 1); console.log(look('waiting', 11))"
    )
    return _said(script, METRICS / "down-watch.js", chain)


def told_of_an_output(output: str, state: str, error: str) -> str:
    """What a machine's log says of an output that is in trouble, by the module that says it."""
    script = (
        "const { OutputWatch } = require(process.argv[1]); const watch = new OutputWatch();"
        "const [, , name, state, lastError] = process.argv;"
        "const output = { name, kind: 'recording', state, lastError };"
        "watch.look('encoder', [output], 0); console.log(watch.look('encoder', [output], 30000).join())"
    )
    return _said(script, METRICS / "output-watch.js", output, state, error)


def _said(script: str, module: Path, *arguments: str) -> str:
    asked = [str(toolchain.node()), "--eval", script, str(module), *arguments]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def logged(state: str | None, on_air: bool) -> list[dict[str, Any]]:
    """The lines of one check of a chain in that state; None when its machine does not answer."""
    chain = {"instanceName": "mixer-1", "chain": "mixer", "frames": 1, "startedAt": "a"}
    metrics = None if state is None else chain | {"state": state, "frames": 50, "lastError": None}
    since = {"since": "2026-11-26T09:00:00.000+00:00", "chains": [chain]}
    machine = {"instanceName": "mixer-1", "privateAddress": "127.0.0.2"}
    event = {"machines": [machine], "production": {"runSeconds": 60, "checkSeconds": 5}}
    told = {"metrics": metrics, "event": event | ({"onAir": since} if on_air else {})}
    environment = os.environ | {
        "AWS_LAMBDA_FUNCTION_NAME": "studio-checkProduction",
        "STACK_SECRET": "secret",
        "SECRET_GENERATION": "1",
        "PYTHONPATH": str(REPOSITORY),
    }
    done = subprocess.run(
        [sys.executable, "-c", CHECK, json.dumps(told)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def refusals(seconds: float, chance: random.Random) -> Iterator[float]:
    """The moments (s) of refusals while a chain is down from 0 on for so long."""
    states = json.loads(ASL.read_text())["States"]
    (retry,) = [one for one in states["CheckOnAir"]["Retry"] if one["ErrorEquals"] == ["MediaChainDown"]]
    assert retry["JitterStrategy"] == "FULL"
    now = chance.uniform(0, CHECK_SECONDS + LOOK_SECONDS)
    for attempt in range(retry["MaxAttempts"] + 1):
        if now >= seconds:
            return
        yield now
        wait = min(retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt, retry["MaxDelaySeconds"])
        now += chance.uniform(0, wait) + LOOK_SECONDS
