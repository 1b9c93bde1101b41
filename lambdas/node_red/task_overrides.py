"""RunTask's overrides: what a machine's Node-RED has to know, and whether it fits into a request."""

import json
from collections.abc import Mapping
from typing import Any

from lambdas.modules.catalogue import Engine, catalogue, modules_to_install
from lambdas.production import secrets

CONTAINER = "Node-RED"  # the name in both task definitions of tasks/
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
LONGEST_OVERRIDES = 8192  # characters of the overrides as JSON


def task_overrides(machine: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Return RunTask's ``overrides``: what this machine's Node-RED has to know, hashes of secrets only.

    Args:
        machine: ``instanceName`` and, in a production, ``engine``, ``modules`` and ``production``.
        secret: The stack's secret.
    """
    name, ownership = machine["instanceName"], machine.get("production") or {}
    variables = {
        "INSTANCE_NAME": name,
        "PRODUCTION_ID": ownership.get("productionId", ""),
        "NODE_RED_TOKEN_SHA256": secrets.sha256(secrets.node_red_token(secret, name)),
        "NODE_RED_PASSWORD_SHA256": secrets.sha256(secrets.operator_password(secret, name)),
        "NODE_RED_ALLOW_MODULES": ",".join(_allowed_modules(machine)),
    }
    environment = [{"name": key, "value": value} for key, value in variables.items()]
    return {"containerOverrides": [{"name": CONTAINER, "environment": environment}]}


def overrides_length(machine: Mapping[str, Any]) -> int:
    """Return how many characters RunTask's overrides have for a machine; the secret changes nothing."""
    return len(json.dumps(task_overrides(machine, "")))


def overrides_mistakes(path: str, machine: Mapping[str, Any]) -> list[str]:
    """Return why a machine's modules are too many for RunTask; empty if they are not.

    Args:
        path: The JSON path of the machine in the document.
        machine: As ``task_overrides`` takes it.
    """
    length = overrides_length(machine)
    if length <= LONGEST_OVERRIDES:
        return []
    return [
        f"{path}.modules has names so long that the request which starts Node-RED would have {length:,} "
        f"characters of overrides; expected {LONGEST_OVERRIDES:,} at the most, which ECS takes: name "
        f"{length - LONGEST_OVERRIDES:,} characters fewer"
    ]


def _allowed_modules(machine: Mapping[str, Any]) -> list[str]:
    if "engine" not in machine:
        return [entry.name for entry in catalogue().values()]
    asked = machine.get("modules") or []
    return [module.name for module in modules_to_install(asked, Engine(machine["engine"]))]
