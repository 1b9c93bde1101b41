"""The adapter's hold on moto: whatever it replaces is there, and is put back."""

from types import SimpleNamespace
from typing import Any

import moto
import pytest

from local_cloud.errors import MotoChangedError
from local_cloud.moto_patches.replacements import Replacements


def test_moto_is_the_version_that_the_adapter_was_written_for() -> None:
    assert moto.__version__ == "5.2.5", "read the changes of moto, run these tests, then change this number"


def test_a_missing_name_is_an_error_that_says_which() -> None:
    class Backend:
        """Stands for a class of moto's after an upgrade."""

    with (
        Replacements() as replacements,
        pytest.raises(MotoChangedError, match=r"no .*Backend\.run_task any more"),
    ):
        replacements.replace(Backend, "run_task", None)


def test_a_missing_setting_is_an_error_that_says_which() -> None:
    with Replacements() as replacements, pytest.raises(MotoChangedError, match="no 'stepfunctions' any more"):
        replacements.set_item({}, "stepfunctions", {})


def test_everything_is_put_back_the_last_first() -> None:
    module: Any = SimpleNamespace(name="as it was")
    settings = {"key": 1}
    with Replacements() as replacements:
        replacements.replace(module, "name", "first")
        replacements.replace(module, "name", "second")
        replacements.set_item(settings, "key", 2)
        assert (module.name, settings) == ("second", {"key": 2})
    assert (module.name, settings) == ("as it was", {"key": 1})


def test_a_static_method_stays_one() -> None:
    class Backend:
        @staticmethod
        def check(value: int) -> int:
            return value

    with Replacements() as replacements:
        replacements.replace(Backend, "check", staticmethod(lambda value: value + 1))
        assert Backend().check(1) == 2
    assert Backend().check(1) == 1
