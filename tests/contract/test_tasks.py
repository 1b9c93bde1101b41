"""ECS tasks as the project's functions see them, with real processes as containers."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.processes import MARK
from tests.contract.machines import SLEEP, Member
from tests.support.processes import runs
from tests.support.waiting import wait_until


def message(folder: Path, name: str) -> Any:
    """What a container wrote as JSON into its working directory."""
    path = folder / "data" / name

    def poll() -> Any:
        try:
            return json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    return wait_until(poll)


def writes(name: str, expression: str, then: str = SLEEP) -> str:
    """A program that writes an expression's value as JSON and goes on."""
    return f"import json, os, sys; open({name!r}, 'w').write(json.dumps({expression})); {then}"


def test_a_task_goes_through_its_states_and_looking_moves_nothing(member: Member) -> None:
    arn = member.run(member.define(SLEEP))
    seen: list[str] = []
    health: set[str] = set()

    def poll() -> bool:
        task = member.task(arn)
        health.add(task["healthStatus"])
        if task["lastStatus"] not in seen:
            seen.append(task["lastStatus"])
        return bool(task["lastStatus"] == "RUNNING")

    wait_until(poll)
    for _ in range(5):
        assert member.task(arn)["lastStatus"] == "RUNNING"
    member.ecs.stop_task(cluster=member.cluster, task=arn, reason="enough")
    wait_until(lambda: poll() or member.task(arn)["lastStatus"] == "STOPPED")
    stopped = member.until_status(arn, "STOPPED")
    assert seen[:3] == ["PROVISIONING", "PENDING", "RUNNING"]
    assert health == {"UNKNOWN"}
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "enough")
    assert stopped["desiredStatus"] == "STOPPED"
    assert stopped["containers"][0]["exitCode"] == 128 + signal.SIGTERM
    assert stopped["createdAt"] <= stopped["startedAt"] <= stopped["stoppingAt"] <= stopped["stoppedAt"]


def test_lists_by_desired_status_instance_and_family(member: Member) -> None:
    definition = member.define(SLEEP)
    family = definition.rsplit("/")[-1].split(":")[0]
    arn = member.run(definition, startedBy="somebody")
    where = {"cluster": member.cluster, "family": family}
    assert member.ecs.list_tasks(**where)["taskArns"] == [arn]
    assert member.ecs.list_tasks(**where, containerInstance=member.arn, startedBy="somebody")["taskArns"] == [
        arn
    ]
    assert member.ecs.list_tasks(**where, startedBy="nobody")["taskArns"] == []
    assert member.ecs.list_tasks(**where, desiredStatus="STOPPED")["taskArns"] == []
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    assert member.ecs.list_tasks(**where)["taskArns"] == []
    assert member.ecs.list_tasks(**where, desiredStatus="STOPPED")["taskArns"] == [arn]
    assert member.until_status(arn, "STOPPED")["stoppedReason"] == "Task stopped by user"


def test_environment_is_the_definitions_and_the_overrides(
    member: Member, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_PERSON", "secret")
    environment = [{"name": "A", "value": "definition"}, {"name": "B", "value": "definition"}]
    definition = member.define(writes("environment", "dict(os.environ)"), environment=environment)
    override = {
        "name": "main",
        "environment": [{"name": "B", "value": "override"}, {"name": "C", "value": "new"}],
    }
    arn = member.run(definition, overrides={"containerOverrides": [override]})
    folder = cloud.machine_dir(member.cluster)
    seen = message(folder, "environment")
    seen.pop("LC_CTYPE", None)  # Python's own doing
    seen.pop(MARK)  # the local cloud's, by which it ends what the container leaves
    path = seen.pop("PATH")
    assert path.startswith(str(cloud.settings.data_dir / "bin"))
    account = {name: seen.pop(name) for name in list(seen) if name.startswith("AWS_")}
    assert seen == {"A": "definition", "B": "override", "C": "new", "HOME": str(folder / "data")}
    assert account == {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    member.ecs.stop_task(cluster=member.cluster, task=arn)


def test_output_goes_to_the_machines_log(member: Member, cloud: LocalCloud) -> None:
    program = "import sys; print('out'); print('err', file=sys.stderr)"
    member.until_status(member.run(member.define(program, name="talker")), "STOPPED")
    log = (cloud.machine_dir(member.cluster) / "logs" / "talker.log").read_text()
    assert sorted(log.split()) == ["err", "out"]


@pytest.mark.parametrize(("program", "code"), [("raise SystemExit(0)", 0), ("raise SystemExit(7)", 7)])
def test_an_essential_container_that_ends_stops_its_task(member: Member, program: str, code: int) -> None:
    stopped = member.until_status(member.run(member.define(program)), "STOPPED")
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["containers"][0]["exitCode"] == code


@pytest.mark.parametrize("leaves", [False, True], ids=["of its group", "that has left it"])
def test_a_container_that_is_killed_takes_its_children_along(
    member: Member, cloud: LocalCloud, leaves: bool
) -> None:
    child = f"__import__('subprocess').Popen(['/bin/sleep', '300'], start_new_session={leaves}).pid"
    program = writes(f"family-{leaves}", f"[os.getpid(), {child}]")
    arn = member.run(member.define(program))
    parent, child = message(cloud.machine_dir(member.cluster), f"family-{leaves}")
    assert runs(child)
    os.kill(parent, signal.SIGKILL)
    stopped = member.until_status(arn, "STOPPED")
    assert stopped["containers"][0]["exitCode"] == 137
    assert not runs(child)


def test_stopping_is_gentle_first(member: Member, cloud: LocalCloud) -> None:
    program = (
        "import json, signal, sys, time\n"
        "def end(*_): open('gentle', 'w').write(json.dumps({'heard': True})); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open('ready', 'w').write('true'); time.sleep(300)\n"
    )
    arn = member.run(member.define(program))
    message(cloud.machine_dir(member.cluster), "ready")
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    assert message(cloud.machine_dir(member.cluster), "gentle") == {"heard": True}
    assert member.until_status(arn, "STOPPED")["containers"][0]["exitCode"] == 0


def test_stopping_is_by_force_after_the_stop_timeout(member: Member, cloud: LocalCloud) -> None:
    program = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open('deaf', 'w').write('true'); time.sleep(300)\n"
    )
    arn = member.run(member.define(program, stopTimeout=1))
    message(cloud.machine_dir(member.cluster), "deaf")
    begun = time.monotonic()
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    stopped = member.until_status(arn, "STOPPED")
    assert 1.0 <= time.monotonic() - begun < 5.0
    assert stopped["containers"][0]["exitCode"] == 137


def test_a_task_can_be_stopped_before_it_runs(member: Member) -> None:
    arn = member.run(member.define(SLEEP))
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    stopped = member.until_status(arn, "STOPPED")
    assert "startedAt" not in stopped
    assert "exitCode" not in stopped["containers"][0]


def test_an_image_that_is_not_there_stops_the_task_with_the_reason(member: Member) -> None:
    arn = member.run(member.define("", image="nowhere/nothing:1"))
    stopped = member.until_status(arn, "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith("CannotPullContainerError: nowhere/nothing:1")


def test_a_definition_with_a_soft_limit_only_is_accepted(member: Member) -> None:
    arn = member.define("pass")
    described = member.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert "memory" not in described["containerDefinitions"][0]


def test_terminating_the_machine_ends_its_processes(cloud: LocalCloud) -> None:
    own = Member(cloud)
    arn = own.run(
        own.define(writes("pid", "os.getpid()", "import signal; signal.signal(15, signal.SIG_IGN); " + SLEEP))
    )
    process = message(cloud.machine_dir(own.cluster), "pid")
    before = cloud.resources()
    own.ecs.deregister_container_instance(cluster=own.cluster, containerInstance=own.arn, force=True)
    assert runs(process), "a forced deregistration leaves the processes to the machine"
    own.end()
    assert not runs(process)
    after = cloud.resources()
    assert after["processes"].removed == before["processes"].removed + 1
    assert after["instances"].removed == before["instances"].removed + 1
    assert arn.startswith("arn:aws:ecs:eu-west-1:123456789012:task/")
