"""Task definitions: a file of ``tasks/`` with what the template gives to its containers: variables, logs."""

import json
from pathlib import Path
from typing import Any

from local_cloud.errors import TemplateError

_ROLES = {"TaskRoleArn": "taskRoleArn", "ExecutionRoleArn": "executionRoleArn"}


def what_is_read(resource: dict[str, Any]) -> dict[str, Any]:
    """Return what the local cloud reads of the resource: its file, its roles, its containers' settings.

    Images mean nothing here, and some name resources that are not made.
    """
    properties = resource["Properties"]
    containers = properties.get("ContainerDefinitions") or []
    return {
        "Family": properties["Family"],
        "File": (resource.get("Metadata") or {}).get("TaskDefinition"),
        "Roles": {key: properties[key] for key in _ROLES if key in properties},
        "Variables": {container["Name"]: container.get("Environment") or [] for container in containers},
        "Logs": {
            container["Name"]: container["LogConfiguration"]["Options"]
            for container in containers
            if "LogConfiguration" in container
        },
    }


def definition(repository: Path, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return what RegisterTaskDefinition takes.

    Args:
        repository: The checkout with the file.
        name: The resource's name.
        properties: What ``what_is_read`` gave, resolved.

    Raises:
        TemplateError: The resource's Metadata names no file.
    """
    if not properties["File"]:
        raise TemplateError(f"The Metadata of {name} should name its file, as TaskDefinition: tasks/….json.")
    registered: dict[str, Any] = json.loads((repository / properties["File"]).read_text())
    registered["family"] = properties["Family"]
    registered |= {_ROLES[key]: arn for key, arn in properties["Roles"].items()}
    for container in registered["containerDefinitions"]:
        given = properties["Variables"].get(container["name"], [])
        variables = {entry["name"]: entry["value"] for entry in container.get("environment", [])}
        variables |= {entry["Name"]: str(entry["Value"]) for entry in given}
        if container["name"] in properties["Logs"]:
            container["logConfiguration"]["options"] |= properties["Logs"][container["name"]]
        container["environment"] = [{"name": key, "value": value} for key, value in variables.items()]
    return registered
