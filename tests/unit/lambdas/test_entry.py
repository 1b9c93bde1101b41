"""The doorstep of every function."""

import importlib
import logging

import pytest

from lambdas.runtime.entry import AWAKE, WAKE, Event, Result, entry_point
from local_cloud.paths import REPOSITORY

HANDLERS = sorted(
    path.stem for path in (REPOSITORY / "lambdas").glob("*.py") if "@entry_point" in path.read_text()
)


@pytest.mark.parametrize("module", HANDLERS)
def test_every_function_answers_a_wake_and_does_nothing_else(
    module: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    handler = importlib.import_module(f"lambdas.{module}").handler
    # No setting is there and no AWS: whatever a handler does besides would fail.
    assert handler(dict(WAKE), None) == AWAKE
    assert not [record for record in caplog.records if record.levelno >= logging.INFO]
    assert capsys.readouterr().out == "", "no metric"


def test_there_are_handlers_to_wake() -> None:
    assert len(HANDLERS) >= 13


def test_an_event_that_says_more_is_the_handlers() -> None:
    seen = []

    @entry_point
    def note(event: Event) -> Result:
        seen.append(event)
        return {}

    note({"wake": True, "instanceName": "mixer"}, None)
    note({"wake": False}, None)
    assert seen == [{"wake": True, "instanceName": "mixer"}, {"wake": False}]
