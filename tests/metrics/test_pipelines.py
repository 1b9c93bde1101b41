"""The pipeline files: syntax, plugins and options, and what must agree with Logstash's other files."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from logstash_pipeline_parser.tree import ParseError

from local_cloud.paths import REPOSITORY
from logstash.setup.templates import index_templates
from tests.metrics.support.pipeline_rules import broken_rules, plugins_of
from tests.unit.tasks.test_definitions import container, load

LOGSTASH = REPOSITORY / "logstash"
FILES = sorted((LOGSTASH / "pipeline").rglob("*.conf"))
IMAGE_FOLDER = "/usr/share/logstash/pipeline/"
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::[^}]*)?\}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_keeps_the_rules(file: Path) -> None:
    assert list(broken_rules(file)) == []


GOOD = "input { http { port => 1 } }\noutput { pipeline { send_to => [ 'store' ] } }\n"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "the sections are"),
        ("input { http { port => 1 } }", "the sections are"),
        (GOOD + GOOD, "the sections are"),
        (GOOD.replace("http", "http_poller"), "the plugin http_poller"),
        # Options that Logstash 9 no longer has.
        (GOOD.replace("port => 1", "ssl => true"), "the option ssl"),
        (GOOD.replace("port => 1", "codec => line"), "the plugin line"),
        (GOOD.replace("'store'", "'store' \"other\""), "lacks a comma"),
        (GOOD + "filter { if [a] { ruby { code => 'x' } } }", "the plugin ruby"),
        (GOOD + "filter { if [a] { } else { date { timezone => 'UTC' } } }", "the option timezone"),
    ],
)
def test_a_file_that_breaks_a_rule_is_found(tmp_path: Path, text: str, rule: str) -> None:
    file = tmp_path / "broken.conf"
    file.write_text(text)
    assert any(rule in message for message in broken_rules(file))


def test_good_is_good(tmp_path: Path) -> None:
    file = tmp_path / "good.conf"
    file.write_text(GOOD)
    assert list(broken_rules(file)) == []


@pytest.mark.parametrize("text", [GOOD[:-3], GOOD.replace("=>", "="), GOOD + "filter { if [a] < { } }"])
def test_what_is_no_pipeline_is_found(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.conf"
    file.write_text(text)
    with pytest.raises(ParseError):
        list(broken_rules(file))


def pipelines() -> list[dict[str, Any]]:
    """pipelines.yml."""
    read: list[dict[str, Any]] = yaml.safe_load((LOGSTASH / "config" / "pipelines.yml").read_text())
    return read


def test_each_pipeline_is_one_file() -> None:
    """A folder or a pattern would put several files into one pipeline, each event into each output."""
    listed = {pipeline["pipeline.id"]: pipeline["path.config"] for pipeline in pipelines()}
    for path in listed.values():
        assert path.startswith(IMAGE_FOLDER)
        assert path.endswith(".conf")
        assert "*" not in path
    stores = [
        listed["store"].replace("${STORE:elasticsearch}", store) for store in ("elasticsearch", "opensearch")
    ]
    named = {path.removeprefix(IMAGE_FOLDER) for path in (listed["http"], listed["beats"], *stores)}
    assert named == {str(file.relative_to(LOGSTASH / "pipeline")) for file in FILES}
    assert len(listed) == len(pipelines()) == 3


def test_what_is_sent_to_a_pipeline_arrives() -> None:
    sent = [
        plugins_of(LOGSTASH / "pipeline" / f"{name}.conf", "output")["pipeline"] for name in ("http", "beats")
    ]
    for store in ("elasticsearch", "opensearch"):
        address = plugins_of(LOGSTASH / "pipeline" / "store" / f"{store}.conf", "input")["pipeline"][
            "address"
        ]
        assert all(output["send_to"] == [address] for output in sent)


@pytest.mark.parametrize("family", ["elastic-stack", "logstash"])
def test_it_listens_where_its_task_is_reached(family: str) -> None:
    ports = {
        plugins_of(LOGSTASH / "pipeline" / "http.conf", "input")["http"]["port"],
        plugins_of(LOGSTASH / "pipeline" / "beats.conf", "input")["beats"]["port"],
    }
    task = container(load(family), "logstash")
    assert ports == {mapping["containerPort"] for mapping in task["portMappings"]}


@pytest.mark.parametrize("family", ["elastic-stack", "logstash"])
def test_every_variable_is_given(family: str) -> None:
    """Logstash does not start with one that is not set."""
    files = [*FILES, LOGSTASH / "config" / "pipelines.yml", LOGSTASH / "config" / "logstash.yml"]
    wanted = {name for file in files for name in VARIABLE.findall(file.read_text())}
    task = container(load(family), "logstash")
    given = {entry["name"] for entry in (*task["environment"], *task["secrets"])}
    assert wanted <= given
    assert wanted == {"STORE", "STORE_URL", "STORE_USER", "STORE_PASSWORD"}


def test_nothing_is_lost_on_the_way() -> None:
    settings = yaml.safe_load((LOGSTASH / "config" / "logstash.yml").read_text())
    assert settings["queue.type"] == "persisted"
    assert settings["dead_letter_queue.enable"] is True
    assert settings["api.http.host"] == "127.0.0.1"
    http = plugins_of(LOGSTASH / "pipeline" / "http.conf", "input")["http"]
    assert http["response_code"] in (200, 204), "dynamorse takes these for good, nothing else"


def test_metricbeat_sends_to_the_beats_pipeline_what_its_task_knows() -> None:
    text = (LOGSTASH / "metricbeat" / "metricbeat.yml").read_text()
    settings = yaml.safe_load(text)
    (host,) = settings["output.logstash"]["hosts"]
    port = plugins_of(LOGSTASH / "pipeline" / "beats.conf", "input")["beats"]["port"]
    assert host.endswith(f":{port}")
    task = container(load("metricbeat"), "metricbeat")
    given = {entry["name"] for entry in task["environment"]}
    assert set(VARIABLE.findall(text)) <= given
    mounted = {point["containerPath"] for point in task["mountPoints"]}
    modules = {module["module"]: module for module in settings["metricbeat.modules"]}
    # Read from the module alone: https://github.com/elastic/beats/blob/main/metricbeat/internal/sysinit/init.go
    assert modules["system"]["hostfs"] in mounted
    assert modules["docker"]["hosts"] == ["unix:///var/run/docker.sock"]


def test_each_store_puts_an_event_into_the_data_stream_that_it_names() -> None:
    folder = LOGSTASH / "pipeline" / "store"
    elasticsearch = plugins_of(folder / "elasticsearch.conf", "output")["elasticsearch"]
    assert elasticsearch["data_stream"] == elasticsearch["data_stream_auto_routing"] == "true"
    opensearch = plugins_of(folder / "opensearch.conf", "output")["opensearch"]
    assert opensearch["index"] == "-".join(
        f"%{{[data_stream][{part}]}}" for part in ("type", "dataset", "namespace")
    )
    assert opensearch["action"] == "create", "a data stream takes nothing else"


def test_metricbeat_measures_what_has_a_template() -> None:
    settings = yaml.safe_load((LOGSTASH / "metricbeat" / "metricbeat.yml").read_text())
    measured = {
        f"metrics-{module['module']}.{metricset}-organist"
        for module in settings["metricbeat.modules"]
        for metricset in module["metricsets"]
    }
    templates = ("organist-docker", "organist-system")
    assert measured == {
        pattern for name in templates for pattern in index_templates()[name]["index_patterns"]
    }
