"""The output of containers and functions in the account's log groups."""

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.logs.follower import LARGEST_LINE, LogFollower
from local_cloud.logs.streams import (
    LARGEST_BATCH_BYTES,
    LARGEST_STREAM_EVENTS,
    OVERHEAD_BYTES,
    LogStream,
    StreamWriter,
    batches,
)
from local_cloud.provisioning.provision import provision
from tests.contract.machines import SLEEP, Member
from tests.support.waiting import wait_until

A, B = LogStream("group", "a"), LogStream("group", "b")
Handed = list[tuple[LogStream, list[str]]]


@pytest.fixture
def group(cloud: LocalCloud) -> str:
    """A log group of this test's own."""
    name = f"g-{uuid.uuid4().hex[:8]}"
    cloud.client("logs").create_log_group(logGroupName=name)
    return name


def options(group: str, **more: str) -> dict[str, Any]:
    """A container's log configuration."""
    chosen = {"awslogs-group": group, "awslogs-region": "eu-west-1", **more}
    return {"logDriver": "awslogs", "options": chosen}


def messages(cloud: LocalCloud, group: str) -> list[str]:
    found = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in found]


def streams(cloud: LocalCloud, group: str) -> list[str]:
    found = cloud.client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    return [stream["logStreamName"] for stream in found]


def prints(*lines: str, then: str = SLEEP) -> str:
    """A program that writes lines and goes on."""
    return f"import sys\nfor line in {list(lines)!r}:\n    print(line, flush=True)\n{then}"


def test_a_containers_output_is_in_the_stream_that_its_definition_names(
    cloud: LocalCloud, member: Member, group: str
) -> None:
    logs = options(group, **{"awslogs-stream-prefix": "NTS"})
    arn = member.run(member.define(prints("one", "", "two ü"), logConfiguration=logs))
    wait_until(lambda: messages(cloud, group) == ["one", "two ü"])
    assert streams(cloud, group) == [f"NTS/main/{arn.rsplit('/', 1)[-1]}"]
    member.ecs.stop_task(cluster=member.cluster, task=arn)


def test_without_a_prefix_the_stream_is_the_containers_id(
    cloud: LocalCloud, member: Member, group: str
) -> None:
    arn = member.run(member.define(prints("one"), logConfiguration=options(group)))
    wait_until(lambda: messages(cloud, group) == ["one"])
    (container,) = member.task(arn)["containers"]
    assert streams(cloud, group) == [container["containerArn"].rsplit("/", 1)[-1]]
    member.ecs.stop_task(cluster=member.cluster, task=arn)


def test_the_last_words_of_a_container_are_there_and_the_next_has_a_stream_of_its_own(
    cloud: LocalCloud, member: Member, group: str
) -> None:
    logs = options(group, **{"awslogs-stream-prefix": "p"})
    for word in ("first", "second"):
        arn = member.run(member.define(f"print('{word}'); print('end', end='')", logConfiguration=logs))
        member.until_status(arn, "STOPPED")
    wait_until(lambda: messages(cloud, group) == ["first", "end", "second", "end"])
    client = cloud.client("logs")
    message = [
        [
            event["message"]
            for event in client.get_log_events(logGroupName=group, logStreamName=name)["events"]
        ]
        for name in streams(cloud, group)
    ]
    assert sorted(message) == [["first", "end"], ["second", "end"]]


def test_a_container_whose_log_group_is_missing_does_not_start(cloud: LocalCloud, member: Member) -> None:
    arn = member.run(member.define(SLEEP, logConfiguration=options("not-there")))
    stopped = member.until_status(arn, "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith(
        "CannotStartContainerError: Error response from daemon: failed to"
    )
    assert "ResourceNotFoundException: The specified log group does not exist" in stopped["stoppedReason"]


def test_a_container_may_ask_for_its_log_group_to_be_made(cloud: LocalCloud, member: Member) -> None:
    name = f"g-{uuid.uuid4().hex[:8]}"
    logs = options(name, **{"awslogs-create-group": "true"})
    arn = member.run(member.define(prints("one"), logConfiguration=logs))
    member.until_status(arn, "RUNNING")
    wait_until(lambda: messages(cloud, name) == ["one"])
    member.ecs.stop_task(cluster=member.cluster, task=arn)


@pytest.mark.parametrize("configured", [True, False])
def test_a_functions_output_is_in_its_log_group(
    cloud: LocalCloud,
    new_function: Callable[..., str],
    invoke: Callable[..., Any],
    group: str,
    configured: bool,
) -> None:
    name = new_function("say", **({"LoggingConfig": {"LogGroup": group}} if configured else {}))
    expected = group if configured else f"/aws/lambda/{name}"
    message = cloud.client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert message["LogGroup"] == expected
    for number in range(2):
        invoke(name, {"out": f"out {number}", "err": f"err {number}"})
    wait_until(lambda: cloud.client("logs").describe_log_groups(logGroupNamePrefix=expected)["logGroups"])
    wait_until(lambda: messages(cloud, expected) == ["out 0", "err 0", "out 1", "err 1"])
    (stream,) = streams(cloud, expected)
    assert "/[$LATEST]" in stream


def test_a_stacks_function_writes_where_its_template_says(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  L: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: of-the-stack}}\n"
        "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      {FunctionName: logs-somewhere, Handler: a.b, Runtime: python3.13,\n"
        "       LoggingConfig: {LogGroup: !Ref L}}\n"
    )
    provision(cloud, tmp_path / "template.yaml", tmp_path, f"s-{uuid.uuid4().hex[:8]}")
    message = cloud.client("lambda").get_function_configuration(FunctionName="logs-somewhere")
    assert message["LoggingConfig"]["LogGroup"] == "of-the-stack"


def test_the_aws_command_line_reads_them(cloud: LocalCloud, member: Member, group: str) -> None:
    # FilterLogEvents with these arguments is what `aws logs tail GROUP --since 10m` asks for.
    logs = options(group, **{"awslogs-stream-prefix": "NTS"})
    arn = member.run(member.define(prints("for a person"), logConfiguration=logs))
    wait_until(lambda: messages(cloud, group))
    command = [
        *(str(Path(sys.executable).with_name("aws")), "--endpoint-url", cloud.endpoint),
        *("--region", cloud.region, "--output", "json", "logs", "filter-log-events"),
        *("--log-group-name", group, "--interleaved", "--start-time", "0"),
    ]
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=keys, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (event,) = json.loads(done.stdout)["events"]
    assert (event["message"], event["logStreamName"][:9]) == ("for a person", "NTS/main/")
    member.ecs.stop_task(cluster=member.cluster, task=arn)


def test_a_log_group_that_somebody_removes_ends_nobody(
    cloud: LocalCloud,
    member: Member,
    new_function: Callable[..., str],
    invoke: Callable[..., Any],
    group: str,
) -> None:
    client, logs = cloud.client("logs"), options(group)
    arn = member.run(
        member.define("import time\nwhile True: print('on'); time.sleep(0.01)", logConfiguration=logs)
    )
    wait_until(lambda: member.task(arn)["lastStatus"] == "RUNNING")
    client.delete_log_group(logGroupName=group)
    name = new_function("say")
    invoke(name, {"out": "still", "err": "there"})
    wait_until(lambda: client.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"])
    wait_until(lambda: messages(cloud, f"/aws/lambda/{name}") == ["still", "there"])
    assert member.task(arn)["lastStatus"] == "RUNNING"
    member.ecs.stop_task(cluster=member.cluster, task=arn)


@pytest.fixture
def handed() -> Handed:
    """What a follower handed on."""
    return []


@pytest.fixture
def follower(handed: Handed) -> Iterator[LogFollower]:
    made = LogFollower(lambda stream, lines: handed.append((stream, lines)), interval=0.01)
    made.start()
    yield made
    made.close()


def test_a_line_is_handed_on_when_it_is_whole(follower: LogFollower, handed: Handed, tmp_path: Path) -> None:
    path = tmp_path / "log"
    follower.follow(path, A)
    with path.open("w") as file:
        for part in ("begin", "ning\nend"):
            file.write(part)
            file.flush()
        wait_until(lambda: handed)
    assert handed == [(A, ["beginning"])]
    follower.end(path)
    wait_until(lambda: len(handed) == 2)
    assert handed[1] == (A, ["end"])


def test_what_was_written_before_is_somebody_elses(
    follower: LogFollower, handed: Handed, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    path.write_text("old\n")
    follower.follow(path, A)
    with path.open("a") as file:
        file.write("of a\n")
    follower.follow(path, B)
    with path.open("a") as file:
        file.write("of b\n")
    wait_until(lambda: len(handed) == 2)
    assert sorted(handed, key=lambda one: one[0].name) == [(A, ["of a"]), (B, ["of b"])]


def test_closing_hands_on_the_rest_and_forgets_nobody(handed: Handed, tmp_path: Path) -> None:
    follower = LogFollower(lambda stream, lines: handed.append((stream, lines)), interval=60)
    follower.start()
    for stream in (A, B):
        follower.follow(tmp_path / stream.name, stream)
        (tmp_path / stream.name).write_text(f"{stream.name}\nlast")
    follower.follow(tmp_path / "never-written", A)
    follower.close()
    assert handed == [(A, ["a", "last"]), (B, ["b", "last"])]


def test_a_file_that_was_made_shorter_ends_it_too(handed: Handed, tmp_path: Path) -> None:
    follower = LogFollower(lambda stream, lines: handed.append((stream, lines)), interval=60)
    follower.start()
    path = tmp_path / "log"
    follower.follow(path, A)
    path.write_text("long enough\n")
    follower.end(path)
    path.write_text("")
    closing = threading.Thread(target=follower.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()


def test_a_line_without_end_is_cut_as_the_driver_cuts_it(
    follower: LogFollower, handed: Handed, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    follower.follow(path, A)
    path.write_text("x" * (LARGEST_LINE + 10) + "\n")
    follower.end(path)
    wait_until(lambda: sum(len(line) for _, lines in handed for line in lines) == LARGEST_LINE + 10)
    assert max(len(line) for _, lines in handed for line in lines) <= LARGEST_LINE


def test_a_batch_is_as_large_as_the_api_takes() -> None:
    large = "x" * (LARGEST_BATCH_BYTES // 3)
    assert [len(batch) for batch in batches([large] * 5)] == [2, 2, 1]
    exact = "x" * (LARGEST_BATCH_BYTES // 2 - OVERHEAD_BYTES)
    assert [len(batch) for batch in batches([exact] * 4)] == [2, 2]
    assert [len(batch) for batch in batches(["x"] * 25_000)] == [10_000, 10_000, 5_000]
    assert list(batches([])) == []


class Logs:
    """PutLogEvents, noted."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def put_log_events(self, **request: Any) -> None:
        self.events += request["logEvents"]


def test_events_are_stamped_in_milliseconds() -> None:
    logs = Logs()
    StreamWriter(logs, clock=lambda: 12.3456).put(A, ["one"])
    assert logs.events == [{"timestamp": 12345, "message": "one"}]


def test_a_stream_that_is_flooded_is_bounded_and_says_so() -> None:
    logs = Logs()
    writer = StreamWriter(logs)
    for _ in range(12):
        writer.put(A, ["flood"] * 5_000)
    writer.put(B, ["quiet"])
    message = [event["message"] for event in logs.events]
    assert message.count("flood") == LARGEST_STREAM_EVENTS - 1
    assert message[-2:] == [
        f"{LARGEST_STREAM_EVENTS} lines are here; the rest is in the log file alone.",
        "quiet",
    ]
