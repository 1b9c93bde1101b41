"""`Step Functions Execution Status Change` events, in AWS's shape.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.events.bus import EventBus

SOURCE = "aws.states"
DETAIL_TYPE = "Step Functions Execution Status Change"


@dataclass(frozen=True)
class StatusChange:
    """An execution at the moment at which its status changed."""

    execution_arn: str
    state_machine_arn: str
    name: str
    status: str
    started_at: datetime
    stopped_at: datetime | None
    input: str
    output: str | None
    error: str | None
    cause: str | None

    def detail(self) -> dict[str, Any]:
        """Return the event's detail, its dates in milliseconds since 1970."""
        return {
            "executionArn": self.execution_arn,
            "stateMachineArn": self.state_machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": _milliseconds(self.started_at),
            "stopDate": _milliseconds(self.stopped_at) if self.stopped_at else None,
            "input": self.input,
            "inputDetails": {"included": True},
            "output": self.output,
            "outputDetails": {"included": True} if self.output is not None else None,
            "error": self.error,
            "cause": self.cause,
        }


def publish(bus: EventBus, change: StatusChange) -> None:
    """Put an event on the bus when an execution's status changes."""
    bus.publish(SOURCE, DETAIL_TYPE, [change.execution_arn], change.detail())


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
