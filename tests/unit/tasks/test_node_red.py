"""The Node-RED task definitions: what must agree with other files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
TASKS = REPOSITORY / "tasks"
T2_MICRO_MIB = 1024
ECS_AGENT_AND_HOST_MIB = 256


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


@pytest.fixture
def node_red() -> dict[str, Any]:
    (container,) = load(TASKS / "Node-RED-family.json")["containerDefinitions"]
    return dict(container)


def test_the_container_stops_later_than_its_recordings_are_finished(node_red: dict[str, Any]) -> None:
    grace_of_ffmpeg_seconds = 4
    assert grace_of_ffmpeg_seconds < node_red["stopTimeout"] <= 120


def test_the_reservation_leaves_a_t2_micro_room_for_its_host(node_red: dict[str, Any]) -> None:
    assert node_red["memoryReservation"] <= T2_MICRO_MIB - ECS_AGENT_AND_HOST_MIB
    # No hard limit: a larger instance is chosen so that its memory can be used.
    assert "memory" not in node_red


def test_logs_go_to_the_log_group_and_never_hold_the_media_up(node_red: dict[str, Any]) -> None:
    log = node_red["logConfiguration"]
    assert log["logDriver"] == "awslogs"
    assert log["options"]["awslogs-group"] == "NTS"
    assert log["options"]["awslogs-stream-prefix"]
    assert log["options"]["awslogs-region"]
    assert log["options"]["mode"] == "non-blocking"


def test_no_secret_is_in_the_definition_and_no_privilege(node_red: dict[str, Any]) -> None:
    names = {entry["name"] for entry in node_red["environment"]}
    assert names == {
        *("UV_THREADPOOL_SIZE", "PORT", "NODE_RED_HOST"),
        *("MEDIA_HOST", "MEDIA_DIR", "FFMPEG_PATH"),
        *("AWS_REGION", "LOG_HOSTNAME", "LOG_PORT"),
    }
    assert not node_red.get("privileged", False)
    assert node_red["linuxParameters"]["initProcessEnabled"] is True
    assert node_red.get("user", "node-red") != "root"


def test_the_image_holds_what_the_definition_calls(node_red: dict[str, Any]) -> None:
    dockerfile = (TASKS / "node-red" / "Dockerfile").read_text()
    check = node_red["healthCheck"]["command"][-1]
    folder, file = check.rsplit("/", 1)
    assert re.search(rf"^COPY .*\b{re.escape(file)}\b.* {re.escape(folder)}/$", dockerfile, re.MULTILINE)
    assert (TASKS / "node-red" / file).is_file()
    assert f"!{file}" in (TASKS / "node-red" / ".dockerignore").read_text().splitlines()
    users: list[str] = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)
    assert users[-1] == "node"


@pytest.fixture
def dynamorse() -> dict[str, Any]:
    (container,) = load(TASKS / "Node-RED-dynamorse-family.json")["containerDefinitions"]
    return dict(container)


def test_dynamorse_has_its_threads_and_its_libraries(dynamorse: dict[str, Any]) -> None:
    environment = {entry["name"]: entry["value"] for entry in dynamorse["environment"]}
    assert environment["UV_THREADPOOL_SIZE"] == "32"
    assert environment["LDFLAGS"] == "-Wl,--disable-new-dtags"
    assert dynamorse["memoryReservation"] <= T2_MICRO_MIB - ECS_AGENT_AND_HOST_MIB


def test_dynamorses_image_is_what_the_local_cloud_runs(dynamorse: dict[str, Any]) -> None:
    folder = TASKS / "node-red" / "dynamorse"
    dockerfile, package = (folder / "Dockerfile").read_text(), load(folder / "package.json")
    assert package["dependencies"]["node-red"] == "1.3.7"
    (version,) = set(package["optionalDependencies"].values())
    assert f"FROM public.ecr.aws/docker/library/node:{version}-" in dockerfile
    assert re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)[-1] == "node"
    copied = {
        name.rstrip("/")
        for line in re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", dockerfile, re.MULTILINE)
        for name in line.split()
    }
    assert all((TASKS / "node-red" / name).exists() for name in copied)
    let_in = (TASKS / "node-red" / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} <= set(let_in)
    assert dynamorse["healthCheck"]["command"][-1] == "/organist/healthcheck.js"
    assert "healthcheck.js /organist/" in dockerfile
