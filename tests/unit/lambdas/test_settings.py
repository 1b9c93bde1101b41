"""A function's environment: read once, failing by name."""

from pathlib import Path

import pytest

from lambdas.errors import MissingSetting
from lambdas.settings import LaunchSettings, NodeRedSettings, StackSettings, TaskSettings

WHOLE = {
    "STACK_NAME": "organist",
    "LAUNCH_TEMPLATE_ID": "lt-1",
    "TASK_DEFINITION": "Node-RED-family",
    "STACK_SECRET": "secret",
}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (LaunchSettings, ["STACK_NAME", "LAUNCH_TEMPLATE_ID"]),
        (StackSettings, ["STACK_NAME"]),
        (TaskSettings, ["STACK_NAME", "TASK_DEFINITION", "STACK_SECRET"]),
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
    assert settings.bundled_modules.parts[-2:] == ("lambdas", "bundled")
    assert NodeRedSettings.from_env(WHOLE | {"BUNDLED_MODULES": "/a"}).bundled_modules == Path("/a")
