"""An AWS account in moto, and the handlers' settings in it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from lambdas.runtime.settings import LaunchSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ssm import SSMClient

REGION = "eu-west-1"
STACK = "organist"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/nodes"
IMAGES = (f"{REPOSITORY}:1-x86_64", f"{REPOSITORY}:1-dynamorse")
CLUSTER = "organist-Cluster-4XQ2"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def ec2(account: None) -> "EC2Client":
    return boto3.client("ec2", region_name=REGION)


@pytest.fixture
def ecs(account: None) -> "ECSClient":
    return boto3.client("ecs", region_name=REGION)


@pytest.fixture
def ssm(account: None) -> "SSMClient":
    return boto3.client("ssm", region_name=REGION)


@pytest.fixture
def launch_settings(ec2: "EC2Client") -> LaunchSettings:
    template = ec2.create_launch_template(
        LaunchTemplateName="machines", LaunchTemplateData={"KeyName": "none"}
    )["LaunchTemplate"]
    subnets = tuple(subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"])
    return LaunchSettings(STACK, template["LaunchTemplateId"], "1", CLUSTER, subnets, *IMAGES)
