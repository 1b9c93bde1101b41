"""How long what Amazon does takes here, and the switch that makes it Amazon's time."""

import ast
import math
import signal
import threading
import time
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from local_cloud import aws_times
from local_cloud.aws_times import with_aws_times
from local_cloud.ecs.image_pulls import ImagePulls
from local_cloud.events.bus import EventBus
from local_cloud.lambda_runtime.idleness import IDLE_SECONDS
from local_cloud.settings import LocalCloudSettings
from organist.commands.local import local
from organist.local import local_session
from organist.local.pace import Pace
from tests.contract.machines import SLEEP, Member


class FakeClock:
    """Time that a test passes."""

    moment = 0.0

    def now(self) -> float:
        return self.moment


LARGE = "test/large"
LARGE_PULL = 0.3  # s, by the small cloud's settings


def test_amazons_times_change_nothing_but_times(tmp_path: Path) -> None:
    short = LocalCloudSettings(data_dir=tmp_path, port=4, parameters={"LogHost": "logs"})
    slow = with_aws_times(short)
    changed = {one.name for one in fields(short) if getattr(short, one.name) != getattr(slow, one.name)}
    assert changed == {
        *("boot_seconds", "join_seconds", "departure_seconds", "status_seconds", "event_seconds"),
        *("wake_seconds", "first_health_checks_seconds", "pull_bytes_per_second", "image_bytes"),
    }
    assert (slow.boot_seconds, slow.boot_seconds + slow.join_seconds) == (26, 40)
    assert slow.wake_seconds < IDLE_SECONDS


def test_every_figure_has_its_address_beside_it() -> None:
    body = ast.parse(Path(aws_times.__file__).read_text()).body
    figures = 0
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.Assign):
            assert isinstance(after, ast.Expr), ast.unparse(statement)
            assert "https://" in ast.unparse(after), ast.unparse(statement)
            figures += 1
    assert figures >= 7


def test_a_pull_takes_the_images_size_the_first_time_on_a_machine(tmp_path: Path) -> None:
    clock = FakeClock()
    pulls = ImagePulls({"large": 300, "small": 50}, rate=100.0, clock=clock.now)
    mixer, encoder = tmp_path / "mixer", tmp_path / "encoder"
    assert pulls.seconds(mixer, "registry/large:1") == 3.0
    clock.moment += 2
    assert pulls.seconds(mixer, "registry/large:1") == 1.0, "it is pulled once, whoever asks"
    clock.moment += 2
    assert pulls.seconds(mixer, "registry/large:1") == 0.0
    assert pulls.seconds(mixer, "registry/large:2") == 3.0
    assert pulls.seconds(encoder, "registry/small:1") == 0.5
    assert pulls.seconds(encoder, "unknown") == 0.0
    assert ImagePulls({"large": 300}, rate=math.inf).seconds(mixer, "large") == 0.0


def pulled(member: Member, arn: str) -> float:
    task = member.until_status(arn, "RUNNING")
    assert task["createdAt"] <= task["pullStartedAt"] <= task["pullStoppedAt"] <= task["startedAt"]
    return float((task["pullStoppedAt"] - task["pullStartedAt"]).total_seconds())


def test_a_task_starts_when_its_image_is_there(member: Member) -> None:
    definition = member.define(SLEEP, image=LARGE)
    first = member.run(definition)
    assert pulled(member, first) >= LARGE_PULL
    second = member.run(definition)
    assert pulled(member, second) < LARGE_PULL
    for arn in (first, second):
        member.ecs.stop_task(cluster=member.cluster, task=arn)
        member.until_status(arn, "STOPPED")


def test_a_task_that_is_stopped_while_it_pulls_starts_nothing(member: Member) -> None:
    arn = member.run(member.define(SLEEP, image="test/large:another"))
    member.until(arn, lambda task: "pullStartedAt" in task)
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    stopped = member.until_status(arn, "STOPPED")
    assert "pullStoppedAt" not in stopped
    assert stopped["containers"][0].get("exitCode") is None


def test_an_event_is_on_its_way_for_a_while() -> None:
    called = threading.Event()

    def call(_function: str, _event: object) -> bool:
        called.set()
        return True

    bus = EventBus(call, region="r", account="a", minute=60, latency=0.2)
    bus.add_rule(lambda _: True, "function")
    began = time.monotonic()
    bus.publish("source", "type", [], {})
    assert called.wait(10)
    assert time.monotonic() - began >= 0.2
    bus.close()


@pytest.mark.parametrize("asked", [True, False])
def test_the_command_has_one_switch_for_them(monkeypatch: pytest.MonkeyPatch, asked: bool) -> None:
    paces: list[Pace] = []

    class Session:
        """Notes the pace that it is given."""

        def __init__(self, *_: object, pace: Pace, **__: object) -> None:
            paces.append(pace)

        def serve(self, _output: object) -> int:
            return 0

    monkeypatch.setattr(local_session, "LocalSession", Session)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own handlers
    with pytest.raises(typer.Exit):
        local(endpoint=True, aws_times=asked)
    assert paces == [Pace(aws_times=asked)]
    plain = LocalCloudSettings(data_dir=Path())
    assert paces[0].apply(plain) == (with_aws_times(plain) if asked else plain)
