"""A function's environment: read once, failing by name."""

import pytest

from lambdas.runtime.errors import MissingSetting
from lambdas.runtime.settings import (
    ClusterSettings,
    LaunchSettings,
    ModuleSettings,
    NetworkSettings,
    NodeRedSettings,
    StackSettings,
    TaskSettings,
)

WHOLE = {
    "STACK_NAME": "organist",
    "CLUSTER": "organist-Cluster-4XQ2",
    "NODE_RED_IMAGE": "nodes:1-x86_64",
    "NODE_RED_DYNAMORSE_IMAGE": "nodes:1-dynamorse",
    "SUBNET_IDS": "subnet-a,subnet-b",
    "LAUNCH_TEMPLATE_ID": "lt-1",
    "LAUNCH_TEMPLATE_VERSION": "3",
    "TASK_DEFINITION": "Node-RED-family",
    "DYNAMORSE_TASK_DEFINITION": "Node-RED-dynamorse-family",
    "STACK_SECRET": "secret",
}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (
            LaunchSettings,
            [
                *("STACK_NAME", "LAUNCH_TEMPLATE_ID", "LAUNCH_TEMPLATE_VERSION", "CLUSTER", "SUBNET_IDS"),
                *("NODE_RED_IMAGE", "NODE_RED_DYNAMORSE_IMAGE"),
            ],
        ),
        (StackSettings, ["STACK_NAME"]),
        (ClusterSettings, ["STACK_NAME", "CLUSTER"]),
        (NetworkSettings, ["SUBNET_IDS"]),
        (
            TaskSettings,
            ["STACK_NAME", "CLUSTER", "TASK_DEFINITION", "DYNAMORSE_TASK_DEFINITION", "STACK_SECRET"],
        ),
        (NodeRedSettings, ["STACK_SECRET"]),
    ],
)
def test_a_missing_variable_is_named(settings: type[StackSettings], names: list[str]) -> None:
    assert settings.from_env(WHOLE)
    for name in names:
        with pytest.raises(MissingSetting, match=name):
            settings.from_env(WHOLE | {name: ""})


def test_node_red_settings_have_defaults_that_fit_the_zip() -> None:
    settings = NodeRedSettings.from_env(WHOLE)
    assert settings.port == 1880


def test_a_deployment_may_name_no_source_of_modules() -> None:
    assert ModuleSettings.from_env({}) == ModuleSettings(module_source="", media_buckets=(), region="")
    named = {"MODULE_SOURCE": "s3://m", "MEDIA_BUCKETS": "a,b", "AWS_REGION": "eu-west-1"}
    assert ModuleSettings.from_env(named) == ModuleSettings("s3://m", ("a", "b"), "eu-west-1")
    assert ModuleSettings.from_env({"CONTRIBUTION_CIDR": "192.0.2.0/24"}).contribution_cidr == "192.0.2.0/24"
