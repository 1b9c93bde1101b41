"""What moto can take of a deployment: everything up to the change set, as a second opinion.

moto's CloudFormation goes no further with this template: it knows neither alarms, CodeBuild projects,
secrets, queue policies, subscriptions, event invoke configurations nor egress rules, and makes names for an
ECR repository that ECR refuses. It has neither GetAccountSettings of Lambda nor GetEbsDefaultKmsKeyId of EC2;
the fixture answers for it.
"""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local_cloud.ec2.default_network import open_default_network
from organist.account.aws_account import Account
from organist.commands.deployment.deploy_run import DeployRun
from organist.confirmation import NobodyToAsk
from organist.deploy.checks.encryption_keys import EncryptionKeys
from organist.deploy.options.deployment_options import DeploymentOptions, DeploymentRefused
from organist.terminal import open_console

BUCKET = "my-bucket"


@pytest.fixture
def moto_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account in moto, with a bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr("organist.deploy.deployment.find_keys", lambda *_: EncryptionKeys("", ()))
    with mock_aws(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tried to parse")
        account = Account(boto3.Session(region_name="eu-west-1"), None)
        place: Any = {"LocationConstraint": account.region}
        open_default_network(account.ec2)
        account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield account


@pytest.fixture(autouse=True)
def _no_dependencies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave the dependencies out of the zip: nobody runs it here."""
    monkeypatch.setattr("organist.deploy.package.lambda_package.fetch_dependencies", lambda *_: tmp_path)


class Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        return True


def deploy(account: Account, *, plan: bool = False) -> tuple[int, str]:
    """Run `organist deploy` without --yes; return the exit code and what it printed."""
    console = open_console(file=io.StringIO(), width=150)
    code = DeployRun(account, DeploymentOptions(BUCKET, "organist"), console, 0.0).run(plan=plan, yes=False)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def keys(account: Account) -> list[str]:
    """Return what is in the bucket."""
    found = account.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(item["Key"] for item in found)


def test_a_plan_shows_the_changes_and_leaves_no_stack(moto_account: Account) -> None:
    code, answer = deploy(moto_account, plan=True)
    assert code == 0
    assert "AWS::StepFunctions::StateMachine" in answer
    assert "nothing was changed" in answer
    assert moto_account.cloudformation.describe_stacks()["Stacks"] == []
    assert [key.split("-")[0] for key in keys(moto_account)] == [
        "organist/dynamicNTS",
        "organist/lambda",
        *("organist/monitoring", "organist/monitoring"),  # the source and the template
        "organist/node",
        "organist/template",
    ]


def test_somebody_who_does_not_agree_changes_nothing(
    moto_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    code, answer = deploy(moto_account)
    assert code == 0
    assert answer.endswith("Nothing was changed.\n")
    assert moto_account.cloudformation.describe_stacks()["Stacks"] == []


def test_without_a_terminal_nothing_is_even_uploaded(
    moto_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(NobodyToAsk):
        deploy(moto_account)
    assert keys(moto_account) == []


def test_a_mistake_in_an_option_is_found_before_anything_is_uploaded(moto_account: Account) -> None:
    console = open_console(file=io.StringIO())
    options = DeploymentOptions(BUCKET, "organist", operator_cidr="0.0.0.0/0")
    with pytest.raises(DeploymentRefused):
        DeployRun(moto_account, options, console, 0.0).run(plan=False, yes=True)
    assert keys(moto_account) == []
