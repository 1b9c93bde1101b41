"""AWS clients that answer what a test says, and an account in moto."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from local_cloud.ec2.default_network import open_default_network
from organist.account.aws_account import Account

REGION = "eu-west-1"

StubbedAccount = Callable[..., Account]


@pytest.fixture
def moto_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account in moto, with the default network as AWS makes it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        account = Account(boto3.Session(region_name=REGION), None)
        open_default_network(account.ec2)
        yield account


@pytest.fixture
def stubs() -> Iterator[Callable[[str], tuple[Any, Stubber]]]:
    """Make a client whose calls and answers a test says; every answer must have been asked for."""
    stubbers = []

    def make(service: str) -> tuple[Any, Stubber]:
        client: Any = boto3.client(  # type: ignore[call-overload]
            service, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )
        stubber = Stubber(client)
        stubber.activate()
        stubbers.append(stubber)
        return client, stubber

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()


def account_of(**clients: Any) -> Account:
    """Return an account with only these clients, by the names of ``Account``'s properties."""
    return cast("Account", SimpleNamespace(region=REGION, endpoint_url=None, **clients))
