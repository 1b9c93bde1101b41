"""ECS: moto keeps the task definitions, our container service does the rest."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse

from local_cloud.ecs.errors import EcsError
from local_cloud.ecs.service import ContainerService
from local_cloud.ecs.task import Definition
from local_cloud.moto_patches.replacements import Replacements


def install(replacements: Replacements, service: ContainerService) -> None:
    """Let ``service`` answer the operations that it knows."""
    for name in service.operation_names:
        replacements.replace(EC2ContainerServiceResponse, name, _answering(service, name))
    # Our answers have the API's shapes already.
    replacements.replace(EC2ContainerServiceResponse, "RESPONSE_KEY_PATH_TO_TRANSFORMER", {})
    original = EC2ContainerServiceBackend._validate_container_defs

    def validate(memory: str | None, containers: list[dict[str, Any]], _compatibilities: Any) -> None:
        # moto wants a hard limit of tasks for EC2; ECS is content with a soft one (memoryReservation).
        original(memory, containers, None)

    replacements.replace(EC2ContainerServiceBackend, "_validate_container_defs", staticmethod(validate))


def find_definition(reference: str, *, region: str, account: str) -> Definition | None:
    """The task definition of a family, family:revision or ARN as the API gives it; None if unknown."""
    try:
        found = ecs_backends[account][region].describe_task_definition(reference)
    except ECSException:
        return None
    return {
        "taskDefinitionArn": found.arn,
        "family": found.family,
        "revision": found.revision,
        "containerDefinitions": found.container_definitions,
        "memory": found.memory,
        # moto has these only where they were given.
        "taskRoleArn": getattr(found, "task_role_arn", None),
        "executionRoleArn": getattr(found, "execution_role_arn", None),
    }


def _answering(service: ContainerService, name: str) -> Any:
    def answer(response: Any) -> ActionResult:
        try:
            return ActionResult(service.call(name, json.loads(response.body or "{}")))
        except EcsError as error:
            raise ECSException(error.code, str(error)) from error

    return answer
