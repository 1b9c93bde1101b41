"""The tags on everything a production starts: what the reaper, the policies and a person find it by."""

from collections.abc import Iterable, Mapping
from typing import Any

NAME = "Name"
STACK = "organist:stack"
PRODUCTION = "organist:production"
EXECUTION = "organist:execution"
EXPIRES = "organist:expires"
RECORDING = "organist:recording"  # where in S3 its production is recorded, for who completes that
SOURCE_RECORDINGS = "organist:source-recordings"  # and where its sources are, each by itself
PUBLICATION = "organist:publication"  # and published, for who ends that
STOP = "organist:stop"  # set by `organist stop`: when somebody asked to go off air


def production_tags(stack_name: str, instance_name: str, ownership: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a machine.

    Args:
        stack_name: The stack.
        instance_name: The machine's name.
        ownership: Has ``productionId``, ``executionArn``, ``recording``, ``sourceRecordings``,
            ``publication`` and ``expiresAt`` (ISO 8601); a machine launched by hand has the last one only.
    """
    tags = {
        NAME: instance_name,
        STACK: stack_name,
        PRODUCTION: ownership.get("productionId", ""),
        EXECUTION: ownership.get("executionArn", ""),
        EXPIRES: ownership["expiresAt"],
        RECORDING: ownership.get("recording", ""),
        SOURCE_RECORDINGS: ownership.get("sourceRecordings", ""),
        PUBLICATION: ownership.get("publication", ""),
    }
    return {key: value for key, value in tags.items() if value}


def read_tags(pairs: Iterable[Any]) -> dict[str, str]:
    """Return EC2's or ECS's list of tags as a dictionary."""
    return {pair.get("Key", pair.get("key", "")): pair.get("Value", pair.get("value", "")) for pair in pairs}
