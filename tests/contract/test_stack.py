"""Provisioning from a SAM template."""

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.errors import TemplateError, UnknownReferenceError
from local_cloud.paths import REPOSITORY
from local_cloud.provisioning.provision import provision
from tests.support.waiting import wait_until

TEMPLATES = REPOSITORY / "tests" / "contract" / "templates"


def make(cloud: LocalCloud, folder: Path, template: str) -> str:
    """Provision a template's text."""
    path = folder / "template.yaml"
    path.write_text(template)
    return provision(cloud, path, folder, f"s-{uuid.uuid4().hex[:8]}")


def function(properties: str) -> str:
    """A template with one function that has these environment variables."""
    return (
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      FunctionName: wrong\n      Handler: a.b\n      Runtime: python3.13\n"
        f"      Environment: {{Variables: {{{properties}}}}}\n"
    )


def test_a_stack_is_made_and_runs(cloud: LocalCloud, end_of: Callable[[str], dict[str, Any]]) -> None:
    arn = provision(cloud, TEMPLATES / "small.yaml", TEMPLATES, "small")
    assert arn == "arn:aws:states:eu-west-1:123456789012:stateMachine:small-machine"
    started = cloud.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]
    seen = end_of(started)["output"]
    group = cloud.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["small-Group"]}]
    )["SecurityGroups"][0]
    assert [(rule["FromPort"], rule["IpRanges"]) for rule in group["IpPermissions"]] == [
        (80, [{"CidrIp": "10.0.0.0/8"}]),
        (81, [{"CidrIp": "10.2.0.0/16"}]),
    ], "what a condition that does not hold stands before is not made"
    assert seen["STACK_NAME"] == "small"
    assert seen["LEVEL"] == "DEBUG", "the function's own variable wins"
    assert re.fullmatch(r"[A-Za-z0-9]{64}", seen["SECRET"])
    assert re.fullmatch(r"[A-Za-z0-9]{64}", seen["KEY"])
    assert seen["GENERATION"] == "hello"
    assert seen["CHOSEN"] == "one"
    assert "LEFT_OUT" not in seen
    assert seen["WHERE"] == f"arn:aws:x:eu-west-1:123456789012:{group['GroupId']}"
    assert seen["LITERAL"] == "${NotAVariable}"
    assert seen["GREETING"] == "hello-b"
    assert seen["TEMPLATE"].startswith("lt-")
    settings = cloud.client("lambda").get_function_configuration(FunctionName="small-first")
    assert (settings["Timeout"], settings["MemorySize"]) == (7, 256)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("A: !Ref Nobody", "refers to Nobody, which is neither"),
        ("A: !GetAtt Nobody.Arn", "refers to Nobody"),
        ('A: !Sub "${Nobody.Arn}"', "refers to Nobody"),
        ("A: !Ref AWS::Nothing", "refers to AWS::Nothing, a pseudo parameter"),
    ],
)
def test_an_unknown_reference_fails_by_name(
    cloud: LocalCloud, tmp_path: Path, value: str, message: str
) -> None:
    with pytest.raises(UnknownReferenceError, match=re.escape(message)):
        make(cloud, tmp_path, function(value))


def test_an_attribute_that_the_local_cloud_does_not_know_fails_by_name(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    group = "  G:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: wrong-group}\n"
    with pytest.raises(UnknownReferenceError, match=r"G\.Colour, but the local cloud knows only Arn"):
        make(cloud, tmp_path, function("A: !GetAtt G.Colour") + group)


def test_a_reference_to_a_resource_that_is_not_made_fails_by_name(cloud: LocalCloud, tmp_path: Path) -> None:
    table = "  T:\n    Type: AWS::DynamoDB::Table\n"
    with pytest.raises(UnknownReferenceError, match="T, a AWS::DynamoDB::Table"):
        make(cloud, tmp_path, function("A: !Ref T") + table)


def test_an_unknown_function_fails_by_name(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Fn::Cidr"):
        make(cloud, tmp_path, function("A: !Cidr [a, b]"))


def test_a_reference_to_what_a_condition_forbids_fails_by_name(cloud: LocalCloud, tmp_path: Path) -> None:
    rest = "  G:\n    Type: AWS::Logs::LogGroup\n    Condition: Never\nConditions:\n  Never: !Equals [a, b]\n"
    with pytest.raises(UnknownReferenceError, match="G, which is not made because Never does not hold"):
        make(cloud, tmp_path, function("A: !Ref G") + rest)


def test_an_undeclared_condition_fails_by_name(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="the condition Ever, which it does not declare"):
        make(cloud, tmp_path, function("A: !If [Ever, a, b]"))


@pytest.mark.parametrize("value", ["plain", '{"other": "value"}'])
def test_a_key_that_a_secret_does_not_have_fails_by_name(
    cloud: LocalCloud, tmp_path: Path, value: str
) -> None:
    secret = (
        "  S:\n    Type: AWS::SecretsManager::Secret\n"
        f"    Properties: {{SecretString: {json.dumps(value)}}}\n"
    )
    with pytest.raises(TemplateError, match="has no value"):
        make(
            cloud,
            tmp_path,
            function('A: !Sub "{{resolve:secretsmanager:${S}:SecretString:value}}"') + secret,
        )


def test_a_circle_is_told(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="circle: F"):
        make(cloud, tmp_path, function("A: !GetAtt F.Arn"))


def test_a_file_that_is_no_template_is_told(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no Resources"):
        make(cloud, tmp_path, "[]")


def log_host(definition: dict[str, Any]) -> tuple[str, str]:
    """What a task's only container is told of the log host."""
    (container,) = definition["containerDefinitions"]
    variables = {entry["name"]: entry["value"] for entry in container["environment"]}
    return variables["LOG_HOSTNAME"], variables["LOG_PORT"]


TASK = """\
Parameters:
  Port: {Type: Number, Default: 8765}
Resources:
  T:
    Type: AWS::ECS::TaskDefinition
    Metadata: {TaskDefinition: task.json}
    Properties:
      Family: told
      ContainerDefinitions:
        - Name: Node-RED
          Image: !Sub "${Repository.RepositoryUri}:1"
          Environment:
            - {Name: LOG_HOSTNAME, Value: logs}
            - {Name: LOG_PORT, Value: !Ref Port}
"""
FILE = {
    "family": "in-the-file",
    "containerDefinitions": [
        {
            "name": "Node-RED",
            "image": "x",
            "memory": 64,
            "environment": [{"name": "PORT", "value": "1880"}, {"name": "LOG_HOSTNAME", "value": ""}],
        }
    ],
}


def test_a_task_definition_is_its_file_with_the_templates_variables(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    (tmp_path / "task.json").write_text(json.dumps(FILE))
    make(cloud, tmp_path, TASK)
    made = cloud.client("ecs").describe_task_definition(taskDefinition="told")["taskDefinition"]
    (container,) = made["containerDefinitions"]
    assert (container["image"], container["memory"]) == ("x", 64)
    assert {entry["name"]: entry["value"] for entry in container["environment"]} == {
        "PORT": "1880",
        "LOG_HOSTNAME": "logs",
        "LOG_PORT": "8765",
    }


def test_a_task_definition_without_its_file_is_told(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Metadata of T"):
        make(cloud, tmp_path, TASK.replace("    Metadata: {TaskDefinition: task.json}\n", ""))


def test_the_projects_own_template_is_provisioned_whole(cloud: LocalCloud) -> None:
    arn = provision(cloud, REPOSITORY / "template.yaml", REPOSITORY)
    assert arn.endswith(":stateMachine:dynamicNTS")
    definition = cloud.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"]
    assert "${" not in definition
    called = set(re.findall(r"function:(\w+)", definition))
    there = {one["FunctionName"]: one for one in cloud.client("lambda").list_functions()["Functions"]}
    assert called <= set(there)
    for name in called:
        folder, module, handler = there[name]["Handler"].rsplit(".", 2)
        assert handler == "handler"
        assert (REPOSITORY / folder / f"{module}.py").exists(), name
    in_vpc = {name for name in called if (there[name].get("VpcConfig") or {}).get("SubnetIds")}
    assert in_vpc == {"installNodeREDModule", "deployNodeREDModule", "checkProduction"}
    assert {one["LoggingConfig"]["LogGroup"] for name, one in there.items() if name in called} == {
        f"/aws/lambda/{name}" for name in called
    }
    family = cloud.client("ecs").describe_task_definition(taskDefinition="Node-RED-family")["taskDefinition"]
    assert family["status"] == "ACTIVE"
    assert log_host(family) == ("", ""), "without a log host nothing is sent"
    assert cloud.client("logs").describe_log_groups(logGroupNamePrefix="NTS")["logGroups"]
    (secret,) = {
        there[name]["Environment"]["Variables"]["STACK_SECRET"]
        for name in ("startNodeRED", "installNodeREDModule", "deployNodeREDModule", "checkProduction")
    }
    assert re.fullmatch(r"[A-Za-z0-9]{64}", secret)


def test_a_refused_input_runs_through_the_projects_own_state_machine(
    cloud: LocalCloud, end_of: Callable[[str], dict[str, Any]]
) -> None:
    client = cloud.client("stepfunctions")
    machines = {one["name"]: one["stateMachineArn"] for one in client.list_state_machines()["stateMachines"]}
    started = client.start_execution(
        stateMachineArn=machines["dynamicNTS"], input=json.dumps({"runSeconds": 0})
    )
    ended = end_of(started["executionArn"])
    assert (ended["status"], ended["error"]) == ("FAILED", "InvalidInput")
    assert wait_until(lambda: "mixParams" in ended["cause"])
