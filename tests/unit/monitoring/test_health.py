"""The health check of Logstash's container, run for real against an API that has lost a pipeline."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from local_cloud.paths import REPOSITORY
from tests.unit.monitoring.health_report import health_report, serving
from tests.unit.tasks.dockerfiles import Dockerfile
from tests.unit.tasks.test_definitions import container, load

CURL = shutil.which("curl") or ""
TOOLS = ("bash", "curl")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")

LOGSTASH = REPOSITORY / "logstash"
PIPELINES = LOGSTASH / "config" / "pipelines.yml"
NAMES = [pipeline["pipeline.id"] for pipeline in yaml.safe_load(PIPELINES.read_text())]
RUNNING = dict.fromkeys(NAMES, "RUNNING")


def run(address: str, pipelines: Path = PIPELINES) -> subprocess.CompletedProcess[str]:
    """Run the check that both tasks name, by its file."""
    commands = {
        tuple(container(load(family), "logstash")["healthCheck"]["command"])
        for family in ("elastic-stack", "logstash")
    }
    ((how, program, path),) = commands
    assert (how, program) == ("CMD", "bash")
    with TemporaryDirectory() as folder:
        # The image has hardly more than these.
        for tool in TOOLS:
            (Path(folder) / tool).symlink_to(shutil.which(tool) or tool)
        return subprocess.run(
            [program, str(LOGSTASH / Path(path).name)],
            env={"PATH": folder, "API": address, "PIPELINES": str(pipelines)},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )


def test_it_passes_when_every_pipeline_runs() -> None:
    with serving(health_report(RUNNING)) as address:
        assert run(address).returncode == 0


@pytest.mark.parametrize("lost", NAMES)
def test_a_pipeline_that_is_not_there_fails_it_by_name(lost: str) -> None:
    with serving(health_report({name: "RUNNING" for name in NAMES if name != lost})) as address:
        # What was asked before: the API lives, so all is well.
        before = subprocess.run(
            [CURL, "-fsS", f"{address}/_health_report"], capture_output=True, check=False, timeout=20
        )
        checked = run(address)
    assert before.returncode == 0
    assert checked.returncode != 0
    assert f"the pipeline {lost} does not run" in checked.stdout


@pytest.mark.parametrize("state", ["LOADING", "FINISHED", "TERMINATED", "UNKNOWN"])
@pytest.mark.parametrize("broken", NAMES)
def test_a_pipeline_that_does_not_run_fails_it(broken: str, state: str) -> None:
    with serving(health_report(RUNNING | {broken: state})) as address:
        assert run(address).returncode != 0


@pytest.mark.parametrize("colour", ["yellow", "red"])
def test_a_store_that_is_slow_or_gone_does_not(colour: str) -> None:
    """Its pipelines wait and are coloured, but run: starting Logstash anew would mend nothing."""
    with serving(health_report(RUNNING, dict.fromkeys(NAMES, colour))) as address:
        assert run(address).returncode == 0


def test_an_api_that_does_not_answer_fails_it() -> None:
    assert run("http://127.0.0.1:9").returncode != 0


def test_a_file_without_pipelines_fails_it(tmp_path: Path) -> None:
    (tmp_path / "pipelines.yml").write_text("# none\n")
    with serving(health_report(RUNNING)) as address:
        assert run(address, tmp_path / "pipelines.yml").returncode != 0


def test_the_image_has_it_where_the_tasks_look() -> None:
    copied = [
        copy for copy in Dockerfile(LOGSTASH / "Dockerfile", LOGSTASH).copies() if "health.sh" in copy.sources
    ]
    assert [copy.to for copy in copied] == ["./"]  # the image's WORKDIR is /usr/share/logstash
    command = container(load("logstash"), "logstash")["healthCheck"]["command"]
    assert command[-1] == "/usr/share/logstash/health.sh"
