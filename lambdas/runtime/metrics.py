"""CloudWatch metrics, written as log lines: a function needs no permission and waits for nobody.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
"""

import os
from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "organist"
UNITS = {
    "TimeToOnAir": MetricUnit.Seconds,
    "OnAir": MetricUnit.Count,
    "StepFailed": MetricUnit.Count,
    "OrphansReaped": MetricUnit.Count,
    "ReaperRefused": MetricUnit.Count,
}
"""Every metric. OnAir is one check of a production on air: its log lines name the production."""


def publish(
    values: Mapping[str, float],
    dimensions: Mapping[str, str] | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Write metrics of this stack, whose name is their dimension ``service``.

    Args:
        values: Figures by the names of ``UNITS``.
        dimensions: More of them; each value of one is a metric of its own.
        details: What only the log line carries.
    """
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=os.environ.get("STACK_NAME", "organist"))
    for name, value in (dimensions or {}).items():
        metrics.add_dimension(name, value)
    for name, detail in (details or {}).items():
        metrics.add_metadata(name, detail)
    for metric, figure in values.items():
        metrics.add_metric(metric, UNITS[metric], figure)
    metrics.flush_metrics()
