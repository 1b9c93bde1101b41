"""Scaled time: what the functions and their clients wait for takes a hundredth of it."""

import datetime
import time
from types import SimpleNamespace

import botocore.endpoint

from lambdas import check_production, start_node_red, terminate_instance
from lambdas.runtime import polling

PART = 0.01
_BEGIN = datetime.datetime.now(datetime.UTC)


class ScaledDatetime(datetime.datetime):
    """A clock on which a hundredth of a second is a second."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "ScaledDatetime":
        """Return a moment that lies a hundred times as far from this module's import."""
        moment = _BEGIN + (datetime.datetime.now(datetime.UTC) - _BEGIN) / PART
        return cls.fromisoformat(moment.astimezone(tz).isoformat())


def install() -> None:
    """Scale the time on air and botocore's pauses, for good: this process is for the fault tests alone."""
    check_production.datetime = ScaledDatetime  # type: ignore[attr-defined]
    terminate_instance.PATIENCE *= PART
    start_node_red.LONGEST_START *= PART / 4  # some looks at a Node-RED that never answers
    # One look a call: what is called how often would depend on how busy the computer is.
    polling.AWS = polling.NODE_RED = polling.NODE_RED_START = polling.TERMINATION = polling.PollInterval(
        1, within=0
    )
    botocore.endpoint.time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * PART))  # type: ignore[attr-defined]
