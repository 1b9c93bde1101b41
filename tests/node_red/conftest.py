"""A real Node-RED, with the settings of the container, on a loopback address of its own."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lambdas.entry import Event
from lambdas.machine_secrets import node_red_token, operator_password, sha256
from lambdas.node_red_client import NodeRed
from lambdas.settings import NodeRedSettings
from local_cloud import toolchain
from local_cloud.containers.images import way_to_npm
from local_cloud.guardian import Guardian
from local_cloud.processes import living_members, start_group

TASK_FOLDER = Path(__file__).parents[2] / "tasks" / "node-red"
ADDRESS = "127.0.0.77"
INSTANCE = "mixer-1f0c9a2e"
SECRET = "stack secret"
ALLOWED = "node-red-node-random,node-red-node-broken,organist-no-such-module,is-number"
START_SECONDS = 60.0


@dataclass(frozen=True)
class RunningNodeRed:
    """Where a Node-RED answers, and the settings with which functions reach it."""

    address: str
    settings: NodeRedSettings

    def client(self) -> NodeRed:
        return NodeRed(self.address, node_red_token(SECRET, INSTANCE), self.settings.port)

    def event(self, **fields: object) -> Event:
        return {"instanceName": INSTANCE, "privateAddress": self.address, **fields}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def node_red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNodeRed]:
    """Start Node-RED once for all tests; it ends with them, and with this process if that is killed."""
    port, user_dir = free_port(), tmp_path_factory.mktemp("node-red")
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(user_dir),
        "INSTANCE_NAME": INSTANCE,
        "NODE_RED_TOKEN_SHA256": sha256(node_red_token(SECRET, INSTANCE)),
        "NODE_RED_PASSWORD_SHA256": sha256(operator_password(SECRET, INSTANCE)),
        "NODE_RED_ALLOW_MODULES": ALLOWED,
        "NODE_RED_HOST": ADDRESS,
        "PORT": str(port),
        **way_to_npm(),
    }
    red, settings = TASK_FOLDER / "node_modules/node-red/red.js", TASK_FOLDER / "settings.js"
    command = [toolchain.node(), red, "--settings", settings, "--userDir", user_dir]
    guardian = Guardian()
    process = start_group(
        [str(part) for part in command],
        guardian=guardian,
        environment=environment,
        directory=user_dir,
        log_file=user_dir / "log",
    )
    try:
        _wait_until_it_answers(port, process.group)
        yield RunningNodeRed(ADDRESS, NodeRedSettings(SECRET, user_dir, port))
    finally:
        process.stop(5)
        guardian.close()


def _wait_until_it_answers(port: int, group: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert living_members(group), "Node-RED ended while it was starting"
        with socket.socket() as probe:
            if probe.connect_ex((ADDRESS, port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"Node-RED did not answer within {START_SECONDS} s")
