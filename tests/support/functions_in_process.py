"""The real handlers in this process, in place of the local cloud's workers: for tests of many productions."""

import importlib
import json
import os
import uuid
from collections.abc import Callable
from typing import Any

from botocore.hooks import BaseEventHooks

from local_cloud.cloud import LocalCloud
from local_cloud.lambda_runtime.context import LambdaContext
from local_cloud.lambda_runtime.specification import FunctionSpecification, InvocationResult
from local_cloud.settings import REGION


def take_environment(cloud: LocalCloud) -> None:
    """Give this process the environment that the functions have, before anything that reads it is loaded."""
    for function in cloud.client("lambda").list_functions()["Functions"]:
        os.environ |= function.get("Environment", {}).get("Variables", {})
    os.environ |= {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }


def make_clients(prepare: Callable[[BaseEventHooks], None]) -> None:
    """Make the functions' clients, which all threads share; their making is not for many threads.

    Args:
        prepare: Gets the events of the clients' session before there is a client.
    """
    from lambdas.aws import clients as aws  # noqa: PLC0415 - powertools reads the environment as it is loaded

    prepare(aws._session().events)
    for client in (aws.ec2_client, aws.ecs_client, aws.s3_client, aws.sfn_client, aws.ssm_client):
        client()


def call_handler(function: FunctionSpecification, event: Any) -> Any:
    """Call a function's handler in this process with the context that Lambda gives; return its answer."""
    module, _, name = function.handler.rpartition(".")
    context = LambdaContext(
        name=function.name,
        arn=function.arn,
        memory=function.memory,
        request_id=str(uuid.uuid4()),
        seconds=function.timeout,
    )
    return getattr(importlib.import_module(module), name)(event, context)


def answered(answer: Any) -> InvocationResult:
    """Return what Lambda tells of an answer."""
    return InvocationResult(payload=json.dumps(answer).encode(), failed=False)


def failed(kind: str, message: str) -> InvocationResult:
    """Return what Lambda tells of a call that failed."""
    error = {"errorType": kind, "errorMessage": message}
    return InvocationResult(payload=json.dumps(error).encode(), failed=True)
