"""Every ECS task definition: what AWS checks, what moto does not, and that none is a copy of another."""

import json
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from local_cloud.paths import REPOSITORY
from tests.unit.tasks import definition_rules as rules
from tests.unit.tasks.definition_rules import RULES, Definition

FILES = sorted((REPOSITORY / "tasks").glob("*.json"))
Rule = Callable[[Definition], Iterator[str]]


def load(name: str) -> Definition:
    """A definition by its family's name."""
    loaded: Definition = json.loads((REPOSITORY / "tasks" / f"{name}.json").read_text())
    return loaded


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_it_has_the_shape_of_the_api(file: Path) -> None:
    """botocore checks a request by ECS's own model before it sends it."""
    ecs = boto3.Session("testing", "testing", region_name="eu-west-1").client("ecs")
    definition = load(file.stem)
    with Stubber(ecs) as stub:
        stub.add_response("register_task_definition", {"taskDefinition": {}}, definition)
        ecs.register_task_definition(**definition)
    assert definition["family"] == file.stem
    assert definition["requiresCompatibilities"] == ["EC2"]


def test_it_can_be_registered(file: Path) -> None:
    definition = load(file.stem)
    # For EC2 moto wants a hard limit of memory; ECS is content with a soft one.
    del definition["requiresCompatibilities"]
    with mock_aws():
        ecs = boto3.Session("testing", "testing", region_name="eu-west-1").client("ecs")
        registered: Any = ecs.register_task_definition(**definition)["taskDefinition"]
    names = [container["name"] for container in registered["containerDefinitions"]]
    assert names == [container["name"] for container in definition["containerDefinitions"]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_rules_that_nobody_else_checks(file: Path, rule: Rule) -> None:
    assert list(rule(load(file.stem))) == []


def test_none_is_a_copy_of_another() -> None:
    """Two may share a line; none is another with a few words changed."""
    for one, other in combinations([load(file.stem) for file in FILES], 2):
        assert {container["image"] for container in one["containerDefinitions"]} != {
            container["image"] for container in other["containerDefinitions"]
        }
        assert not {json.dumps(part, sort_keys=True) for part in one["containerDefinitions"]} & {
            json.dumps(part, sort_keys=True) for part in other["containerDefinitions"]
        }


def container(definition: Definition, name: str) -> dict[str, Any]:
    """A container of a definition, to be broken."""
    return next(one for one in definition["containerDefinitions"] if one["name"] == name)


def broken() -> Iterator[tuple[Rule, Definition]]:
    """For each rule, definitions that break it."""

    def change(rule: Rule, whose: str, **properties: Any) -> tuple[Rule, Definition]:
        definition = load("elastic-stack")
        container(definition, whose).update(properties)
        return rule, definition

    yield change(rules.containers_are_named_once, "kibana", name="logstash")
    yield change(rules.containers_are_named_once, "kibana", name="the kibana")
    nothing = load("elastic-stack")
    for one in nothing["containerDefinitions"]:
        one["essential"] = False
    yield rules.something_is_essential, nothing
    yield change(rules.memory_is_said, "kibana", memory=None)
    yield change(rules.memory_is_said, "kibana", memoryReservation=2048)
    yield change(rules.memory_is_said, "kibana", memory=4)
    yield rules.links_are_of_bridge_mode, load("elastic-stack") | {"networkMode": "awsvpc"}
    yield change(rules.links_are_of_bridge_mode, "kibana", links=["opensearch"])
    yield change(rules.links_are_of_bridge_mode, "elasticsearch", links=["kibana"])
    wait = "containerName"
    yield change(
        rules.dependencies_can_be_met, "kibana", dependsOn=[{wait: "kibana-setup", "condition": "HEALTHY"}]
    )
    yield change(
        rules.dependencies_can_be_met, "kibana", dependsOn=[{wait: "elasticsearch", "condition": "SUCCESS"}]
    )
    yield change(
        rules.dependencies_can_be_met, "kibana", dependsOn=[{wait: "elasticsearch", "condition": "READY"}]
    )
    yield change(rules.dependencies_can_be_met, "kibana", dependsOn=[{wait: "nobody", "condition": "START"}])
    yield change(
        rules.dependencies_can_be_met, "elasticsearch", dependsOn=[{wait: "kibana", "condition": "START"}]
    )
    good = container(load("elastic-stack"), "kibana")["healthCheck"]
    for wrong in ({"interval": 301}, {"timeout": 10}, {"retries": 11}, {"startPeriod": 301}):
        yield change(rules.health_checks_are_within_bounds, "kibana", healthCheck=good | wrong)
    yield change(
        rules.health_checks_are_within_bounds, "kibana", healthCheck=good | {"command": ["curl", "/"]}
    )
    yield change(rules.mounts_are_of_volumes, "logstash", mountPoints=[])
    yield change(
        rules.mounts_are_of_volumes,
        "kibana",
        mountPoints=[{"sourceVolume": "nothing", "containerPath": "/"}],
    )
    for port in (8765, 22):
        mapping = {"containerPort": port, "hostPort": port, "protocol": "tcp"}
        yield change(rules.ports_of_the_host_are_taken_once, "kibana", portMappings=[mapping])
    yield change(
        rules.variables_are_set_once, "kibana", environment=[{"name": "ELASTICSEARCH_PASSWORD", "value": ""}]
    )
    yield change(rules.variables_are_set_once, "kibana", environment=[{"name": "PORT", "value": 5601}])


@pytest.mark.parametrize(
    ("rule", "definition"), list(broken()), ids=lambda part: getattr(part, "__name__", "")
)
def test_a_definition_that_breaks_a_rule_is_found(rule: Rule, definition: Definition) -> None:
    assert list(rule(definition))


def test_every_rule_is_seen_to_be_broken() -> None:
    assert {rule for rule, _ in broken()} == set(RULES)
