"""The real handlers in this process, in place of the local cloud's workers: for tests of many productions."""

import os
from collections.abc import Callable

from botocore.hooks import BaseEventHooks

from local_cloud.cloud import LocalCloud
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
