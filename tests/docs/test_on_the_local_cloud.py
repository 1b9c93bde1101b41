"""The command lines of README and docs that produce, on the local cloud.

Its Node-RED is the fault tests' double: what the commands do is asked here, not what the pictures are.
"""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.paths import REPOSITORY
from local_cloud.settings import LocalCloudSettings
from organist.report.production_watch import ProductionWatch
from tests.docs.command_lines import CommandLine, Place, placed
from tests.docs.running import Shell
from tests.faults.containers import node_red_image, start_thread
from tests.support import time_scaling
from tests.support.waiting import wait_until

POLL_SECONDS = 0.1
LONG_SECONDS = 600
PATIENCE_SECONDS = 60.0
GO_ON = {"sources"}  # commands that end no production


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud whose machines are quick and make no pictures, and whose state machine waits less."""
    folder = tmp_path_factory.mktemp("cloud")
    settings = LocalCloudSettings(
        data_dir=folder,
        boot_seconds=0.1,
        join_seconds=0.05,
        images={"node-red": node_red_image},
        start_program=start_thread,
    )
    with LocalCloud(settings) as running, Replacements() as replacements:
        time_scaling.shorten_waits(replacements, 0.1)
        yield running


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder as a checkout, whose example is a second on air."""
    monkeypatch.setattr(
        "organist.commands.start.ProductionWatch", partial(ProductionWatch, poll_seconds=POLL_SECONDS)
    )
    shutil.copytree(REPOSITORY / "step_functions", tmp_path / "step_functions")
    example = tmp_path / "step_functions" / "mediaInput.json"
    example.write_text(json.dumps(json.loads(example.read_text()) | {"runSeconds": 1}))
    return tmp_path


def produce(cloud: LocalCloud, checkout: Path, seconds: int) -> str:
    """Start a production and wait until it is on air; its execution's ARN."""
    document = json.loads((checkout / "step_functions" / "mediaInput.json").read_text())
    started = cloud.client("stepfunctions").start_execution(
        stateMachineArn=cloud.state_machine_arn, input=json.dumps(document | {"runSeconds": seconds})
    )
    arn: str = started["executionArn"]
    wait_until(lambda: "OnAir" in entered(cloud, arn), PATIENCE_SECONDS)
    return arn


def entered(cloud: LocalCloud, arn: str) -> list[str]:
    """The states that an execution has entered."""
    pages = cloud.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    return [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]


def placeholders(line: CommandLine, cloud: LocalCloud, checkout: Path) -> dict[str, str]:
    """A production on air for a command that wants one."""
    if not {"EXECUTION", "EXECUTION_ARN"}.intersection(line.words):
        return {}
    arn = produce(cloud, checkout, LONG_SECONDS)
    return {"EXECUTION": arn.rpartition(":")[2], "EXECUTION_ARN": arn}


@pytest.mark.parametrize("line", placed(Place.LOCAL_CLOUD), ids=str)
def test_it_does_what_it_says(
    line: CommandLine, cloud: LocalCloud, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = placeholders(line, cloud, checkout)
    ran = Shell(cloud.endpoint, checkout, capsys).run(line, values)
    assert ran.code == 0, ran.text
    if "EXECUTION_ARN" in values:
        sfn = cloud.client("stepfunctions")
        goes_on = bool(GO_ON.intersection(line.words))
        if goes_on:
            sfn.stop_execution(executionArn=values["EXECUTION_ARN"])
        status = partial(sfn.describe_execution, executionArn=values["EXECUTION_ARN"])
        ended = wait_until(lambda: status() if status()["status"] != "RUNNING" else None, PATIENCE_SECONDS)
        assert ended["status"] == ("SUCCEEDED" if "EXECUTION" in line.words and not goes_on else "ABORTED")
    wait_until(lambda: not any(count.left for count in cloud.resources().values()), PATIENCE_SECONDS)
