"""Productions that go wrong: FAILED with the right name and a cause that helps, and nothing is left."""

import json
import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.aws_cli import aws, machine_arn
from tests.end_to_end.conftest import Commands
from tests.support.processes import wait_until_all_are_gone, with_descendants

NOTHING_LEFT = r"Instances +2 started, 2 removed\n"


def with_module(name: str) -> dict[str, object]:
    return {"instanceName": "encoder", "instanceType": "t2.micro", "modules": [name]}


def test_a_module_that_does_not_exist(commands: Commands) -> None:
    document = commands.document(encodeParams=with_module("organist-no-such-module"))
    finished = commands.start(document).finish()
    assert finished.code == 1
    assert "The production FAILED." in finished.printed
    assert "ModuleUnknown" in finished.printed
    assert "npm has no module organist-no-such-module" in finished.printed
    assert "npm view NAME versions" in finished.printed
    assert re.search(NOTHING_LEFT, finished.printed)
    assert "LEFT" not in finished.printed


def test_node_red_that_dies_on_air_costs_no_picture(commands: Commands) -> None:
    command = commands.start(commands.document(runSeconds=12))
    command.read_until("is on air")
    (killed,) = [pid for pid in with_descendants(command.process.pid) if is_node_red_of("encoder", pid)]
    os.kill(killed, signal.SIGKILL)

    finished = command.finish()

    assert finished.code == 0, finished.printed
    assert re.search(r"mixed and not recorded, 0 dropped", finished.printed), finished.printed
    assert re.search(NOTHING_LEFT, finished.printed)


def test_a_supervisor_that_dies_on_air(commands: Commands) -> None:
    command = commands.start(commands.document(runSeconds=120))
    command.read_until("is on air")
    processes = with_descendants(command.process.pid)
    (killed,) = [pid for pid in processes if is_supervisor_of("encoder", pid)]
    os.kill(killed, signal.SIGKILL)

    finished = command.finish()

    assert finished.code == 1
    assert "NodeREDUnreachable" in finished.printed
    assert "ECS says that Node-RED on encoder-" in finished.printed
    assert "Essential container in task exited" in finished.printed
    assert re.search(NOTHING_LEFT, finished.printed)
    assert "LEFT" not in finished.printed
    wait_until_all_are_gone(processes)


def test_what_is_left_when_even_the_watchdog_is_killed_is_ended_by_the_next_start(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Any local cloud that starts ends what is left, another test's too: this one has a place of its own.
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    command = commands.start(commands.document(runSeconds=120))
    command.read_until("is on air")
    processes = with_descendants(command.process.pid)
    left = {pid for pid in processes if works_on_a_machine(pid)}
    assert len(left) >= 8  # of each machine the supervisor, Node-RED, the engine, and its FFmpegs
    (watchdog,) = (pid for pid in processes if "watchdog_process.py" in arguments(pid))
    for pid in (watchdog, command.process.pid):
        os.kill(pid, signal.SIGKILL)
    command.process.wait()
    assert any(psutil.pid_exists(pid) for pid in left), "nothing was left to find"

    following = commands.start("--endpoint")
    assert "processes of it were ended" in following.read_until("An earlier local cloud was killed")
    wait_until_all_are_gone(processes)
    following.read_until("The local cloud is at")
    following.interrupt()
    assert following.finish().code == 0


def arguments(pid: int) -> str:
    """What a process was started with; "" of one that has ended meanwhile."""
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return ""


def folder_of(pid: int) -> str:
    """Where a process works; "" of one that has ended meanwhile."""
    try:
        return psutil.Process(pid).cwd()
    except psutil.NoSuchProcess:
        return ""


def works_on_a_machine(pid: int) -> bool:
    return "/machines/" in folder_of(pid)


def is_node_red_of(role: str, pid: int) -> bool:
    # Node-RED renames its process, so its arguments are gone; its working folder is the machine's disk.
    return f"/{role}-" in folder_of(pid) and psutil.Process(pid).name() == "node-red"


def is_supervisor_of(role: str, pid: int) -> bool:
    return "supervisor.js" in arguments(pid) and f"/{role}-" in folder_of(pid)


@pytest.mark.parametrize("moment", ["boots, joins the cluster", "is on air"])
def test_an_execution_that_is_aborted_is_cleaned_up_by_the_reaper(commands: Commands, moment: str) -> None:
    command = commands.start(commands.document(runSeconds=120))
    endpoint = re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))[0]  # type: ignore[index]
    command.read_until(moment)
    (execution,) = aws(endpoint, "list-executions", "--state-machine-arn", machine_arn(endpoint))[
        "executions"
    ]
    aws(endpoint, "stop-execution", "--execution-arn", execution["executionArn"])
    finished = command.finish()
    assert finished.code == 1
    assert "The production ABORTED." in finished.printed
    assert re.search(NOTHING_LEFT, finished.printed)
    assert "LEFT" not in finished.printed


@pytest.mark.parametrize("moment", ["boots, joins the cluster", "is on air"])
def test_ctrl_c_ends_everything(commands: Commands, moment: str) -> None:
    command = commands.start(commands.document(runSeconds=120))
    command.read_until(moment)
    assert len(command.note_processes()) > 2
    command.interrupt()
    finished = command.finish()
    assert finished.code == 130
    assert "Traceback" not in finished.printed
    assert (finished.output / "encoder" / "encoder.mp4").exists() == (moment == "is on air")


def test_the_endpoint_alone_takes_productions_from_the_aws_command_line(commands: Commands) -> None:
    command = commands.start("--endpoint")
    endpoint = re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))[0]  # type: ignore[index]
    document = commands.document(runSeconds=2, mix={"width": 1280, "height": 720})
    started = aws(
        endpoint,
        *("start-execution", "--state-machine-arn", machine_arn(endpoint)),
        *("--input", f"file://{document}"),
    )
    arn = ("--execution-arn", started["executionArn"])
    while (ended := aws(endpoint, "describe-execution", *arn))["status"] == "RUNNING":
        command.note_processes()
    assert ended["status"] == "SUCCEEDED", ended
    output = json.loads(ended["output"])
    assert len(output["removed"]) == 2
    mixer, encoder = output["warnings"]
    assert mixer.startswith("$.mixParams.instanceType: t2.micro sustains 0.10 of 1 vCPU in the long run")
    assert encoder.startswith("$.encodeParams.instanceType: t2.micro sustains")
    command.interrupt()
    assert command.finish().code == 0
