"""EventBridge's patterns, as moto matches them."""

import json
from collections.abc import Callable
from typing import Any

from moto.events.models import EventPattern


def matcher(pattern: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    """Return what tells whether an event matches a rule's pattern.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    loaded = EventPattern.load(json.dumps(pattern))
    return lambda event: bool(loaded.matches_event(event))
