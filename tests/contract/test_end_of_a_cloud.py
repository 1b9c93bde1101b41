"""Whatever ends a local cloud, no process is left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.errors import AlreadyRunningError, NotRunningError, UnknownMachineError
from local_cloud.paths import REPOSITORY
from tests.contract.small_cloud import small_settings
from tests.support.processes import children_of, runs
from tests.support.waiting import wait_until

PROGRAM = REPOSITORY / "tests" / "contract" / "programs" / "run_a_cloud.py"


class Program:
    """The program in a process of its own, as soon as its task and its function run."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(data_dir)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        # What it told of (a task, its children, of which one has left its group, a worker, its child), and
        # every child that it has by then: watchdog, fork server, task.
        self.processes = {*json.loads(line)["processes"], *children_of(self.process.pid)}
        assert len(self.processes) >= 7
        assert all(runs(process) for process in self.processes)

    def left(self) -> list[int]:
        """Its processes that still run."""
        return [process for process in self.processes if runs(process)]


@contextmanager
def program(data_dir: Path) -> Iterator[Program]:
    """The running program; whatever a failing test leaves of it is killed."""
    started = Program(data_dir)
    try:
        yield started
    finally:
        for process in [*started.left(), started.process.pid]:
            if runs(process):
                os.kill(process, signal.SIGKILL)
        started.process.communicate()


def test_killed_with_9_nothing_is_left(tmp_path: Path) -> None:
    with program(tmp_path) as started:
        started.process.send_signal(signal.SIGKILL)
        started.process.wait()
        wait_until(lambda: not started.left())


def test_interrupted_nothing_is_left(tmp_path: Path) -> None:
    with program(tmp_path) as started:
        started.process.send_signal(signal.SIGINT)
        _, errors = started.process.communicate(timeout=20)
        assert "KeyboardInterrupt" in errors
        assert started.left() == [], "all has ended when the program has"


def test_a_cloud_can_follow_another_and_moto_is_as_it_was(tmp_path: Path) -> None:
    lines = [
        "import os, sys, threading",
        "from pathlib import Path",
        "from moto.ecs.responses import EC2ContainerServiceResponse as ecs",
        "from moto.core.config import default_user_config as config",
        "from local_cloud.cloud import LocalCloud",
        "from tests.support.processes import children_of",
        "from tests.contract.small_cloud import small_settings",
        "before = (ecs.run_task, dict(config))",
        "for number in (1, 2):",
        "    with LocalCloud(small_settings(Path(sys.argv[1]) / str(number))) as cloud:",
        "        assert ecs.run_task is not before[0]",
        "        assert cloud.client('ecs').list_clusters()['clusterArns'] == []",
        "        cloud.client('ecs').create_cluster(clusterName='c')",
        "    assert (ecs.run_task, dict(config)) == before",
        "assert not children_of(os.getpid()), 'watchdog and fork server have ended too'",
        "assert [t for t in threading.enumerate() if not t.daemon] == [threading.main_thread()]",
    ]
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", "\n".join(lines), str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_cloud_a_process(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunningError):
        LocalCloud(small_settings(tmp_path)).__enter__()
    assert cloud.client("ecs").list_clusters() is not None, "the first one goes on"


def test_outside_of_its_context_a_cloud_says_so(tmp_path: Path, cloud: LocalCloud) -> None:
    unused = LocalCloud(small_settings(tmp_path))
    with pytest.raises(NotRunningError):
        unused.client("ecs")
    with pytest.raises(NotRunningError):
        unused.machine_dir("mixer")
    with pytest.raises(UnknownMachineError, match="mixer"):
        cloud.machine_dir("mixer")
