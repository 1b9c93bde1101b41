"""AWS clients, one session a process, and AWS's errors by name."""

import functools
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from lambdas.aws.errors import name_aws_error

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

P = ParamSpec("P")
R = TypeVar("R")

# Short: a function answers quickly or the state machine asks again.
CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
# Else URLs are signed by version 2, which new buckets refuse, for a host that is not the region's own.
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
S3_CONFIG = CONFIG.merge(
    Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
)


@cache
def _session() -> boto3.Session:
    return boto3.Session()


@cache
def ec2_client() -> "EC2Client":
    """Return the process's EC2 client."""
    return _session().client("ec2", config=CONFIG)


@cache
def ecs_client() -> "ECSClient":
    """Return the process's ECS client."""
    return _session().client("ecs", config=CONFIG)


@cache
def s3_client() -> "S3Client":
    """Return the process's S3 client; the URLs that it signs name the region's own host."""
    return _session().client("s3", config=S3_CONFIG)


@cache
def sfn_client() -> "SFNClient":
    """Return the process's Step Functions client."""
    return _session().client("stepfunctions", config=CONFIG)


@cache
def ssm_client() -> "SSMClient":
    """Return the process's Systems Manager client."""
    return _session().client("ssm", config=CONFIG)


def make_as_lambda_starts(*clients: Callable[[], object]) -> None:
    """Make clients while Lambda starts the process, which has a whole processor then; elsewhere, nothing.

    At 256 MB a call has a seventh of one, and the first client took a second and a half of it:
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        for make in clients:
            make()


def named_aws_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Raise what botocore raises under the names of ``lambdas.aws.errors``."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            raise name_aws_error(error) from error

    return call
