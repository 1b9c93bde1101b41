"""What moto can take of a deployment: everything up to the change set, as a second opinion.

moto's CloudFormation goes no further with this template: it knows neither alarms, CodeBuild projects,
secrets, queue policies, subscriptions, event invoke configurations nor egress rules, and makes names for an
ECR repository that ECR refuses. It has no GetAccountSettings of Lambda either; the
fixture answers for it.
"""

import io
import warnings
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console

from organist.account import Account
from organist.deploy_command import DeployRun
from organist.deployment_wishes import DeploymentWishes

BUCKET = "my-bucket"


@pytest.fixture
def moto_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account in moto, with a bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr("organist.deployment.may_reserve_concurrency", lambda *_: True)
    with mock_aws(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tried to parse")
        account = Account(boto3.Session(region_name="eu-west-1"), None)
        place: Any = {"LocationConstraint": account.region}
        account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield account


def test_a_plan_shows_the_changes_and_leaves_no_stack(moto_account: Account) -> None:
    console = Console(file=io.StringIO(), width=150)
    run = DeployRun(moto_account, DeploymentWishes(BUCKET, "organist"), console, look_seconds=0.0)
    assert run.run(plan=True, yes=False) == 0
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert "AWS::StepFunctions::StateMachine" in told
    assert "nothing was changed" in told
    assert moto_account.cloudformation.describe_stacks()["Stacks"] == []
    keys = [item["Key"] for item in moto_account.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert [key.split("-")[0] for key in sorted(keys)] == [
        "organist/dynamicNTS",
        "organist/lambda",
        "organist/node",
        "organist/template",
    ]
