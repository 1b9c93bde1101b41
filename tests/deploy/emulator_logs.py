"""Metric filters of CloudWatch Logs as resources of a stack: ministack 1.4 has them in its API only."""

import json
from typing import Any

from ministack.services import cloudwatch_logs as logs
from ministack.services.cloudformation import provisioners

Made = tuple[str, dict[str, Any]]
GOOD = 200


def install() -> None:
    """Let ministack's CloudFormation make and remove them."""
    provisioners._RESOURCE_HANDLERS.setdefault(
        "AWS::Logs::MetricFilter", {"create": make_filter, "delete": remove_filter}
    )


def make_filter(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    """Make a metric filter by the API's own call, which refuses one of a log group that there is not."""
    name = f"{stack_name}-{logical_id}"
    asked = {
        "logGroupName": properties["LogGroupName"],
        "filterName": name,
        "filterPattern": properties["FilterPattern"],
        "metricTransformations": properties["MetricTransformations"],
    }
    status, _, answer = logs._put_metric_filter(asked)
    if status != GOOD:
        raise ValueError(json.loads(answer)["message"])
    return name, {}


def remove_filter(physical_id: str, properties: dict[str, Any]) -> None:
    """Remove it, if its log group has not taken it along."""
    logs._metric_filters.pop((properties["LogGroupName"], physical_id), None)
