"""A SAM function's Events: what calls it.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

import re
from typing import Any

from local_cloud.errors import TemplateError
from local_cloud.events.bus import EventBus
from local_cloud.moto_patches.event_patterns import matcher

_READ = ("Pattern", "Schedule", "ScheduleExpression")  # a dead-letter queue, for one, has no meaning here
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


def what_is_read(events: dict[str, Any]) -> dict[str, Any]:
    """The events with nothing but what ``connect`` reads, before references are resolved."""
    return {
        name: {
            "Type": event["Type"],
            "Properties": {key: value for key, value in event["Properties"].items() if key in _READ},
        }
        for name, event in events.items()
    }


def connect(bus: EventBus, function: str, events: dict[str, Any]) -> None:
    """Let the bus call a function for its events; ``TemplateError`` for a kind that the local cloud lacks."""
    for name, event in events.items():
        properties = event["Properties"]
        if event["Type"] == "EventBridgeRule":
            bus.add_rule(matcher(properties["Pattern"]), function)
        elif event["Type"] in ("Schedule", "ScheduleV2"):
            expression = properties.get("Schedule") or properties["ScheduleExpression"]
            bus.add_schedule(_minutes(expression), function)
        else:
            raise TemplateError(f"{function} has the event {name} of type {event['Type']}, unknown here.")


def _minutes(expression: str) -> float:
    rate = _RATE.fullmatch(expression)
    if rate is None:
        raise TemplateError(f"The local cloud has no schedule {expression}; it knows rate(N minutes).")
    return float(int(rate[1]) * _MINUTES[rate[2]])
