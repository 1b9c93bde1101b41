"""Metricbeat on a machine: what its containers use, beside the statistics that Node-RED sends of itself.

It is started after Node-RED's task, whose image the machine pulls from its boot on, and a production goes on
without it: what cannot be measured can still be watched.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.aws import tags
from lambdas.aws.cluster import only_on
from lambdas.runtime.entry import logger
from lambdas.runtime.settings import TaskSettings

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

CONTAINER = "metricbeat"  # the name in tasks/metricbeat.json


def start_metricbeat(
    event: Mapping[str, Any], instance_id: str, settings: TaskSettings, ecs: "ECSClient"
) -> bool:
    """Start Metricbeat on a machine if the deployment has it; return whether it is there.

    Asked again it starts no second one. What keeps it from starting is a warning in the function's log.
    """
    if not settings.metricbeat_task_definition:
        return False
    name = event["instanceName"]
    try:
        failures = _run(event, instance_id, settings, ecs)
    except (ClientError, BotoCoreError) as error:
        failures = [str(error)]
    if failures:
        logger.warning("Metricbeat was not started", extra={"instanceName": name, "causes": failures})
    return not failures


def _run(event: Mapping[str, Any], instance_id: str, settings: TaskSettings, ecs: "ECSClient") -> list[str]:
    name, production = event["instanceName"], event.get("production") or {}
    variables = {"INSTANCE_NAME": name, "PRODUCTION_ID": production.get("productionId", "")}
    environment: Any = [{"name": key, "value": value} for key, value in variables.items()]
    answer = ecs.run_task(
        cluster=settings.cluster,
        taskDefinition=settings.metricbeat_task_definition,
        count=1,
        launchType="EC2",
        placementConstraints=[only_on(instance_id)],
        startedBy="organist",
        # A machine runs one in its life: the same token is the same task.
        clientToken=hashlib.sha256(f"metricbeat{name}{instance_id}".encode()).hexdigest(),
        overrides={"containerOverrides": [{"name": CONTAINER, "environment": environment}]},
        tags=[
            {"key": tags.STACK, "value": settings.stack_name},
            {"key": tags.PRODUCTION, "value": production.get("productionId", "none")},
        ],
    )
    return [failure.get("reason", "unknown") for failure in answer["failures"]]
