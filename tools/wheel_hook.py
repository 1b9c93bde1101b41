"""Puts the template into the wheel: ``sources`` in pyproject.toml gives folders another place, no files."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling for each wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the template, but not to an editable installation, which reads the checkout's."""
        if version == "standard":
            build_data["force_include"]["template.yaml"] = "organist/shipped/template.yaml"
