"""A deployment's parts, as a test needs them."""

from typing import Any

from organist.account.deployed_stack import DeployedStack
from organist.doctor.deployed_parts import DeployedParts

ROLE = "arn:aws:iam::123456789012:role/"
MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:test-dynamicNTS"
TASK_ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/test-Node-RED-family:7"
VARIABLES = {
    "newInstance": {
        "STACK_NAME": "ours",
        "CLUSTER": "ours-Cluster",
        "SUBNET_IDS": "subnet-a,subnet-b",
        "LAUNCH_TEMPLATE_ID": "lt-1",
        "LAUNCH_TEMPLATE_VERSION": "3",
    },
    "startNodeRED": {"TASK_DEFINITION": TASK_ARN, "DYNAMORSE_TASK_DEFINITION": ""},
    "validateInput": {"DYNAMORSE_IMAGE": "no"},
}


def function(name: str, **message: Any) -> dict[str, Any]:
    """What GetFunctionConfiguration answers."""
    return {
        "FunctionName": f"test-{name}",
        "Role": f"{ROLE}ours-{name}",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Environment": {"Variables": VARIABLES.get(name, {})},
        "LoggingConfig": {"LogGroup": f"/aws/lambda/test-{name}"},
        **message,
    }


def parts(outputs: dict[str, str] | None = None, **functions: Any) -> DeployedParts:
    """Return a stack of three functions, or of others by name."""
    every: dict[str, Any] = {name: function(name) for name in VARIABLES} | functions
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/test-dynamicNTS:*"
    machine: Any = {
        "stateMachineArn": MACHINE_ARN,
        "name": "test-dynamicNTS",
        "roleArn": f"{ROLE}ours-DynamicNTSRole",
        "loggingConfiguration": {"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]},
    }
    return DeployedParts(DeployedStack("ours", outputs or {}), every, machine)
