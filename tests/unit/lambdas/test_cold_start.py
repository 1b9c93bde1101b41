"""The clients that a function makes as Lambda starts it."""

import json
import os
import subprocess
import sys

import pytest

from local_cloud.paths import REPOSITORY

CLIENTS = {
    "check_production": set(),
    "complete_recording": {"s3"},
    "deploy_node_red_module": set(),
    "explain_failure": {"ec2", "ecs"},
    "install_node_red_module": set(),
    "make_a_mix": set(),
    "make_an_encode": set(),
    "make_module_params": set(),
    "new_instance": {"ec2", "ssm"},
    "reap_instances": {"ec2", "ecs", "s3", "sfn"},
    "show_instances": {"ec2"},
    "start_node_red": {"ec2", "ecs"},
    "terminate_instance": {"ec2", "ecs"},
    "validate_input": {"ec2"},
}
"""The clients of each function that every call of it needs."""
LOOK = """
import json, sys
import lambdas.MODULE
clients = sys.modules.get("lambdas.aws.clients")
names = ("ec2", "ecs", "s3", "sfn", "ssm")
made = [name for name in names if clients and getattr(clients, f"{name}_client").cache_info().currsize]
print(json.dumps(made))
"""


def made(module: str, **environment: str) -> set[str]:
    """The clients that are there once a function's module is imported."""
    settings = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", LOOK.replace("MODULE", module)],
        env={"PATH": os.environ["PATH"], **settings, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout))


def test_every_function_is_here() -> None:
    functions = {file.stem for file in (REPOSITORY / "lambdas").glob("*.py")} - {"__init__"}
    assert functions == set(CLIENTS)


@pytest.mark.parametrize("module", CLIENTS)
def test_clients_are_made_as_lambda_starts(module: str) -> None:
    assert made(module, AWS_LAMBDA_INITIALIZATION_TYPE="on-demand") == CLIENTS[module]


def test_elsewhere_importing_a_function_makes_nothing() -> None:
    assert made("reap_instances") == set()
