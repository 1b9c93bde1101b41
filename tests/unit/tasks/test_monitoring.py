"""The task definitions of the Elastic Stack: what must agree with its images, its host and each other."""

import re
from typing import Any

import pytest

from lambdas.runtime import ports
from local_cloud.paths import REPOSITORY
from tests.unit.tasks.definition_rules import Definition
from tests.unit.tasks.test_definitions import container, load

T3_LARGE_REGISTERED_MIB = int(8192 * 0.95)
KIBANA = 5601
SECRET = re.compile(r"PASSWORD|ENCRYPTIONKEY")


@pytest.fixture
def stack() -> Definition:
    return load("elastic-stack")


def versions() -> set[str]:
    """The version of every image of Elastic's, in definitions and in Dockerfiles."""
    files = [*(REPOSITORY / "tasks").glob("*.json"), *(REPOSITORY / "logstash").rglob("Dockerfile")]
    return {
        version
        for file in files
        for version in re.findall(r"docker\.elastic\.co/[a-z]+/[a-z]+:([0-9A-Za-z.-]+)", file.read_text())
    }


def test_all_of_elastic_is_one_version() -> None:
    (version,) = versions()
    assert re.fullmatch(r"9\.\d+\.\d+", version)


def test_only_the_machines_door_and_the_operators_door_are_open(stack: Definition) -> None:
    opened = {
        one["name"]: [mapping["hostPort"] for mapping in one.get("portMappings", [])]
        for one in stack["containerDefinitions"]
    }
    assert {name: found for name, found in opened.items() if found} == {
        "kibana": [KIBANA],
        "logstash": [ports.DOCUMENTS, ports.BEATS],
    }


def test_the_tasks_fit_on_their_machine(stack: Definition) -> None:
    limits = [one["memory"] for one in stack["containerDefinitions"] if one["essential"]]
    setups = [one["memory"] for one in stack["containerDefinitions"] if not one["essential"]]
    assert sum(limits) + sum(setups) <= T3_LARGE_REGISTERED_MIB


def test_metricbeat_leaves_node_red_its_reservation_on_a_t2_micro() -> None:
    reserved = sum(one["memoryReservation"] for one in load("Node-RED-family")["containerDefinitions"])
    # Also when Metricbeat has come to its limit.
    assert reserved + container(load("metricbeat"), "metricbeat")["memory"] <= int(1024 * 0.95)


@pytest.mark.parametrize("name", ["elastic-stack", "logstash"])
def test_what_is_secret_is_a_secret(name: str) -> None:
    for one in load(name)["containerDefinitions"]:
        assert not [entry["name"] for entry in one.get("environment", []) if SECRET.search(entry["name"])]
        assert not one.get("privileged", False)


def test_everything_waits_for_what_it_needs(stack: Definition) -> None:
    waits = {
        one["name"]: {
            (dependency["containerName"], dependency["condition"]) for dependency in one.get("dependsOn", [])
        }
        for one in stack["containerDefinitions"]
    }
    assert waits == {
        "elasticsearch": set(),
        "elasticsearch-setup": {("elasticsearch", "HEALTHY")},
        # Both sign in with passwords that the set-up has given them.
        "kibana": {("elasticsearch-setup", "SUCCESS")},
        "logstash": {("elasticsearch-setup", "SUCCESS")},
        "kibana-setup": {("kibana", "HEALTHY")},
    }


def test_what_a_container_calls_by_name_it_is_linked_to(stack: Definition) -> None:
    names = {one["name"] for one in stack["containerDefinitions"]}
    for one in stack["containerDefinitions"]:
        called = {
            host
            for entry in one.get("environment", [])
            for host in re.findall(r"https?://([a-z-]+):\d+", entry["value"])
        }
        assert called & names - {one["name"]} == set(one.get("links", []))


def test_one_password_is_the_same_on_both_sides(stack: Definition) -> None:
    def secret(name: str, variable: str) -> Any:
        return next(
            entry["valueFrom"] for entry in container(stack, name)["secrets"] if entry["name"] == variable
        )

    assert secret("elasticsearch", "ELASTIC_PASSWORD") == secret(
        "elasticsearch-setup", "STORE_ADMIN_PASSWORD"
    )
    assert secret("kibana", "ELASTICSEARCH_PASSWORD") == secret(
        "elasticsearch-setup", "KIBANA_SYSTEM_PASSWORD"
    )
    assert secret("logstash", "STORE_PASSWORD") == secret("elasticsearch-setup", "LOGSTASH_PASSWORD")


def test_metricbeat_sees_the_host_and_changes_nothing() -> None:
    beat = container(load("metricbeat"), "metricbeat")
    assert {point["containerPath"]: point["readOnly"] for point in beat["mountPoints"]} == {
        "/var/run/docker.sock": True,
        "/hostfs": True,
    }
    # In a network of its own it would count its own traffic: https://github.com/elastic/beats/issues/2137
    assert load("metricbeat")["networkMode"] == "host"
    assert not beat.get("privileged", False)
    assert "portMappings" not in beat
