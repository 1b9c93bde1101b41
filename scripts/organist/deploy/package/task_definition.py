"""An ECS task definition for CloudFormation: the file of ``tasks/`` with what the deployment decides."""

import json
from pathlib import Path
from typing import Any

# Maps whose keys are values of their own, not names of CloudFormation's.
_OWN_KEYS = frozenset({"options", "dockerLabels", "driverOpts", "labels", "systemControls"})
# Where CloudFormation does not simply write the first letter large.
_SPECIAL = {"efsVolumeConfiguration": "EFSVolumeConfiguration"}

_KIND = "AWS::ECS::TaskDefinition"


def resolve_task_definitions(template: dict[str, Any], repository: Path) -> None:
    """Fill in every task definition of a template whose Metadata names a file of ``tasks/``.

    Metadata may name files, too, that become variables of every container that declares them.
    """
    for resource in template["Resources"].values():
        metadata = resource.get("Metadata", {})
        if resource["Type"] != _KIND or "TaskDefinition" not in metadata:
            continue
        del resource["Metadata"]
        registered = json.loads((repository / metadata["TaskDefinition"]).read_text())
        for variable, file in metadata.get("EnvironmentFiles", {}).items():
            _set_variable(registered, variable, (repository / file).read_text())
        resource["Properties"] = merge_task_definition(registered, resource.get("Properties", {}))


def _set_variable(registered: dict[str, Any], variable: str, text: str) -> None:
    for container in registered["containerDefinitions"]:
        for entry in container.get("environment", []):
            if entry["name"] == variable:
                entry["value"] = text


def merge_task_definition(registered: dict[str, Any], decided: dict[str, Any]) -> dict[str, Any]:
    """Return a task definition's CloudFormation properties.

    Args:
        registered: RegisterTaskDefinition's shape (``containerDefinitions``).
        decided: The template's properties, which win. Container definitions and their environment are matched
            by Name.
    """
    merged: dict[str, Any] = _merged(_upper(registered), decided)
    return merged


def _upper(value: Any) -> Any:
    if isinstance(value, list):
        return [_upper(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        _SPECIAL.get(key, key[:1].upper() + key[1:]): part
        if key in _OWN_KEYS and isinstance(part, dict)
        else _upper(part)
        for key, part in value.items()
    }


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict) and not _is_function(above):
        names = [*below, *(name for name in above if name not in below)]
        return {
            name: _merged(below[name], above[name])
            if name in below and name in above
            else above.get(name, below.get(name))
            for name in names
        }
    if _is_named(below) and _is_named(above):
        known = {item["Name"]: item for item in below}
        for item in above:
            known[item["Name"]] = _merged(known.get(item["Name"], {}), item)
        return list(known.values())
    return above


def _is_function(value: dict[str, Any]) -> bool:
    """Return whether a value is CloudFormation's to work out: Ref, Fn::Sub and so on."""
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "Name" in item for item in value)
