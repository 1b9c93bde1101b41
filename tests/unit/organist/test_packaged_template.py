"""template.yaml as CloudFormation gets it: nothing local left, task definitions merged, parameters valued."""

import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from organist.deploy.checks.encryption_keys import EncryptionKeys
from organist.deploy.checks.network_choice import Network
from organist.deploy.options.deployment_options import DeploymentOptions
from organist.deploy.package.image_source import ImageSourceError, zip_image_source
from organist.deploy.package.packaged_template import (
    TemplateTooLongError,
    Uploaded,
    package_template,
    template_text,
)
from organist.deploy.package.task_definition import merge_task_definition
from organist.deploy.stack.stack_parameters import (
    ImageSource,
    next_generation,
    parameter_values,
    reserved_executions,
    stack_parameters,
)
from organist.repository import REPOSITORY, TEMPLATE

UPLOADED = Uploaded(
    "my-bucket",
    code="organist/lambda-1.zip",
    definition="organist/dynamicNTS-1.json",
    monitoring_url="https://s3/my-bucket/monitoring.json",
)
IMAGE = ImageSource("my-bucket", "organist/node-red-image-1.zip", "1")


@pytest.fixture(scope="module")
def packaged() -> dict[str, Any]:
    return package_template(yaml_parse(TEMPLATE.read_text()), UPLOADED, REPOSITORY, "eu-west-1")


def test_nothing_local_and_nothing_of_sam_is_left(packaged: dict[str, Any]) -> None:
    text = template_text(packaged)
    assert "AWS::Serverless" not in text
    assert "Transform" not in packaged
    assert "build/lambda" not in text
    assert "step_functions/" not in text
    assert "tasks/" not in text


def test_every_function_has_the_uploaded_code(packaged: dict[str, Any]) -> None:
    functions = [
        resource["Properties"]
        for resource in packaged["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    assert len(functions) >= 13
    code = {"S3Bucket": "my-bucket", "S3Key": "organist/lambda-1.zip"}
    assert [function["Code"] for function in functions] == [code] * len(functions)
    assert {tuple(function["Architectures"]) for function in functions} == {("arm64",)}


def test_the_state_machine_comes_from_the_bucket(packaged: dict[str, Any]) -> None:
    (machine,) = [
        resource["Properties"]
        for resource in packaged["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    assert machine["DefinitionS3Location"] == {"Bucket": "my-bucket", "Key": "organist/dynamicNTS-1.json"}


def test_the_task_definition_is_the_file_with_what_the_deployment_decides(packaged: dict[str, Any]) -> None:
    file = json.loads((REPOSITORY / "tasks" / "Node-RED-family.json").read_text())
    definition = packaged["Resources"]["NodeREDTaskDefinition"]["Properties"]
    (container,) = definition["ContainerDefinitions"]
    assert container["Name"] == file["containerDefinitions"][0]["name"]
    assert container["HealthCheck"]["Command"] == file["containerDefinitions"][0]["healthCheck"]["command"]
    assert container["Image"] != file["containerDefinitions"][0]["image"]
    assert "awslogs-group" in container["LogConfiguration"]["Options"]


def test_packaging_changes_nothing_it_was_given() -> None:
    template = yaml_parse(TEMPLATE.read_text())
    package_template(template, UPLOADED, REPOSITORY, "eu-west-1")
    assert template == yaml_parse(TEMPLATE.read_text())


def test_merging_matches_containers_and_variables_by_name() -> None:
    registered = {
        "family": "a",
        "containerDefinitions": [
            {
                "name": "one",
                "portMappings": [{"containerPort": 1}],
                "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {"awslogs-group": "NTS", "mode": "x"},
                },
                "dockerLabels": {"some.label": "kept"},
            }
        ],
    }
    decided = {
        "Family": {"Ref": "Name"},
        "ContainerDefinitions": [
            {
                "Name": "one",
                "Environment": [{"Name": "B", "Value": {"Ref": "X"}}, {"Name": "C", "Value": "3"}],
                "LogConfiguration": {"Options": {"awslogs-group": {"Ref": "Group"}}},
            }
        ],
    }
    merged = merge_task_definition(registered, decided)
    assert merged["Family"] == {"Ref": "Name"}
    (container,) = merged["ContainerDefinitions"]
    assert container["PortMappings"] == [{"ContainerPort": 1}]
    assert container["Environment"] == [
        {"Name": "A", "Value": "1"},
        {"Name": "B", "Value": {"Ref": "X"}},
        {"Name": "C", "Value": "3"},
    ]
    assert container["LogConfiguration"]["LogDriver"] == "awslogs"
    assert container["LogConfiguration"]["Options"] == {"awslogs-group": {"Ref": "Group"}, "mode": "x"}
    assert container["DockerLabels"] == {"some.label": "kept"}


def test_a_template_longer_than_cloudformation_takes() -> None:
    with pytest.raises(TemplateTooLongError, match="1,000,000"):
        template_text({"Description": "x" * 1_000_000})


def test_the_image_is_built_from_what_its_ignore_file_lets_in() -> None:
    source = zip_image_source(REPOSITORY / "tasks" / "node-red")
    with zipfile.ZipFile(BytesIO(source)) as archive:
        assert {"Dockerfile", ".dockerignore", "settings.js", "healthcheck.js"} <= set(archive.namelist())
        assert not [name for name in archive.namelist() if "node_modules" in name or "test" in name]
    assert zip_image_source(REPOSITORY / "tasks" / "node-red") == source


def test_what_python_leaves_beside_a_source_makes_no_other_image(tmp_path: Path) -> None:
    folder = tmp_path / "logstash"
    shutil.copytree(REPOSITORY / "logstash", folder, ignore=shutil.ignore_patterns("__pycache__"))
    source = zip_image_source(folder)
    (folder / "setup" / "__pycache__").mkdir()
    (folder / "setup" / "__pycache__" / "setup.cpython-313.pyc").write_bytes(b"mine")
    assert zip_image_source(folder) == source


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("node_modules\n", 'must be "\\*"'),
        ("*\n**/.cache\n!gone.js\n", 'must be "\\*"'),
        ("*\n!gone.js\n", "gone.js"),
    ],
)
def test_an_image_whose_source_is_not_told(tmp_path: Path, rules: str, message: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    (tmp_path / ".dockerignore").write_text(rules)
    with pytest.raises(ImageSourceError, match=message):
        zip_image_source(tmp_path)


def test_a_new_stack_gets_what_was_asked_and_the_templates_defaults(packaged: dict[str, Any]) -> None:
    options = DeploymentOptions(
        "my-bucket", "organist", operator_cidr="203.0.113.7/32", media_buckets=("a", "b")
    )
    values = parameter_values(options, None, Network("vpc-1", ("subnet-1", "subnet-2")), IMAGE)
    parameters = {
        item["ParameterKey"]: item.get("ParameterValue")
        for item in stack_parameters(packaged["Parameters"], None, values)
    }
    assert parameters["SubnetIds"] == "subnet-1,subnet-2"
    assert parameters["OperatorCidr"] == "203.0.113.7/32"
    assert parameters["MediaBuckets"] == "a,b"
    assert "ReserveConcurrency" not in parameters
    assert parameters["NodeREDImageTag"] == "1"
    assert "LogHost" not in parameters


def test_every_value_has_a_parameter_in_the_template(packaged: dict[str, Any]) -> None:
    options = DeploymentOptions("my-bucket", "organist", reserve_concurrency=True)
    values = parameter_values(options, None, None, IMAGE)
    assert values["ReserveConcurrency"] == "yes"
    keys = EncryptionKeys(None, None).parameters()
    assert set(values) | set(keys) <= set(packaged["Parameters"])


def test_an_update_keeps_what_nobody_speaks_of() -> None:
    described = {"Parameters": [{"ParameterKey": "LogHost", "ParameterValue": "logs"}]}
    declared: dict[str, Any] = {"LogHost": {}, "MediaCidr": {}}
    kept = stack_parameters(declared, described, {"LogHost": None, "MediaCidr": None})
    assert kept == [{"ParameterKey": "LogHost", "UsePreviousValue": True}]
    said = stack_parameters(declared, described, {"LogHost": "", "MediaCidr": None})
    assert said == [{"ParameterKey": "LogHost", "ParameterValue": ""}]


def test_rotation_counts_up() -> None:
    parameter = {"ParameterKey": "SecretGeneration", "ParameterValue": "9"}
    assert next_generation({"Parameters": [parameter]}) == "10"
    assert next_generation(None) == "1"


def test_reserved_executions_are_counted_through_conditions() -> None:
    resources = {
        "A": {"Properties": {"ReservedConcurrentExecutions": 1}},
        "B": {
            "Properties": {
                "ReservedConcurrentExecutions": {"Fn::If": ["Reserve", 4, {"Ref": "AWS::NoValue"}]}
            }
        },
        "C": {},
    }
    assert reserved_executions({"Resources": resources}) == 5
