"""Tiny handlers with which the contract tests ask what Lambda does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def echo(event: Event, _context: Any) -> Event:
    """Return the event."""
    return event


def fail(event: Event, _context: Any) -> None:
    """Raise an exception of the class name that is asked for."""
    raise type(event["error"], (Exception,), {})(event.get("message", "as asked"))


def fail_first(event: Event, _context: Any) -> Event:
    """Raise NotYet on the first ``times`` calls with this ``counter`` file, then tell their number."""
    counter = Path(event["counter"])
    with counter.open("a") as file:
        file.write(f"{time.time()}\n")
    calls = len(counter.read_text().splitlines())
    if calls <= event["times"]:
        raise type("NotYet", (Exception,), {})(f"call {calls}")
    return {"calls": calls}


def sleep(event: Event, _context: Any) -> str:
    """Take ``seconds``."""
    time.sleep(event["seconds"])
    return "slept"


def process(_event: Event, _context: Any) -> int:
    """The worker's process id."""
    return os.getpid()


def leave_child(event: Event, _context: Any) -> None:
    """Start a process, note it in ``note``, and never return."""
    child = subprocess.Popen(["/bin/sleep", "300"])
    Path(event["note"]).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(300)


def die(event: Event, _context: Any) -> None:
    """End the worker itself, by exit code or by signal."""
    if "signal" in event:
        os.kill(os.getpid(), signal.Signals[event["signal"]])
    sys.exit(event["code"])


def environment(_event: Event, _context: Any) -> dict[str, str]:
    """The whole environment."""
    return dict(os.environ)


def context(_event: Event, context: Any) -> Event:
    """What the context object tells."""
    return {
        "aws_request_id": context.aws_request_id,
        "function_name": context.function_name,
        "function_version": context.function_version,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
    }


def unserialisable(_event: Event, _context: Any) -> object:
    """Return what JSON cannot hold."""
    return object()


def say(event: Event, _context: Any) -> None:
    """Write to standard output and standard error."""
    sys.stdout.write(event["out"] + "\n")
    sys.stderr.write(event["err"] + "\n")


def call_aws(_event: Event, _context: Any) -> list[str]:
    """Ask AWS something, with nothing but the environment."""
    import boto3  # noqa: PLC0415 - as a cold handler would

    answer = boto3.client("ec2").describe_subnets()
    return [subnet["SubnetId"] for subnet in answer["Subnets"]]
