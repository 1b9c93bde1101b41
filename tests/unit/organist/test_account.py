"""Opening an account: the region, and what is said where there is none or no way to it."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    SSLError,
)
from botocore.stub import Stubber

from organist.account.aws_account import LOCAL_REGION, AccountError, explain, open_account
from organist.deploy.checks.service_linked_role import ensure_ecs_role

Stubs = Callable[[str], tuple[Any, Stubber]]


@pytest.fixture(autouse=True)
def _no_region_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this computer's own AWS configuration out."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.mark.parametrize(
    ("option", "aws_region", "default", "used"),
    [
        (None, "eu-north-1", None, "eu-north-1"),
        (None, "eu-north-1", "us-east-1", "eu-north-1"),
        ("eu-west-3", "eu-north-1", "us-east-1", "eu-west-3"),
        (None, None, "us-east-1", "us-east-1"),
        (None, "", "us-east-1", "us-east-1"),
    ],
)
def test_which_region(
    monkeypatch: pytest.MonkeyPatch,
    option: str | None,
    aws_region: str | None,
    default: str | None,
    used: str,
) -> None:
    for name, value in (("AWS_REGION", aws_region), ("AWS_DEFAULT_REGION", default)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert open_account(None, option, None).region == used


def test_a_local_cloud_has_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert open_account(None, None, "http://127.0.0.1:1").region == LOCAL_REGION


def test_no_region() -> None:
    with pytest.raises(AccountError, match="Give --region, set AWS_REGION"):
        open_account(None, None, None)


def test_a_name_that_no_region_can_have() -> None:
    with pytest.raises(AccountError, match=r"no AWS region EU West 1 .*Did you mean eu-west-1"):
        open_account(None, "EU West 1", None)


def aws(host: str) -> dict[str, str]:
    return {"endpoint_url": f"https://{host}/"}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (EndpointConnectionError(**aws("sts.eu-wset-1.amazonaws.com")), "no AWS region eu-wset-1"),
        (EndpointConnectionError(**aws("sts.eu-wset-1.amazonaws.com")), "Did you mean eu-west-1"),
        (EndpointConnectionError(**aws("my-bucket.s3.us-est-1.amazonaws.com")), "or us-east-1"),
        (EndpointConnectionError(**aws("sts.eu-west-1.amazonaws.com")), "There is no way to AWS from here"),
        (ConnectTimeoutError(**aws("states.eu-west-1.amazonaws.com")), "There is no way to AWS from here"),
        (EndpointConnectionError(**aws("iam.amazonaws.com")), "There is no way to AWS from here"),
        (SSLError(error=OSError("self-signed"), **aws("sts.eu-west-1.amazonaws.com")), "AWS_CA_BUNDLE"),
        (ProxyConnectionError(proxy_url="http://proxy:1", error="x"), "HTTPS_PROXY"),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9/"),
            "Nothing answers at http://127.0.0.1:9/",
        ),
    ],
)
def test_no_answer_says_whether_the_region_or_the_network_is_wrong(
    error: BotoCoreError, message: str
) -> None:
    assert message in str(explain(error))


def test_a_fresh_account_gets_the_role_of_ecs(stubs: Stubs) -> None:
    iam, stubber = stubs("iam")
    asked = {"AWSServiceName": "ecs.amazonaws.com"}
    stubber.add_response("create_service_linked_role", {}, asked)
    taken = "Service role name AWSServiceRoleForECS has been taken in this account, please try another one."
    stubber.add_client_error("create_service_linked_role", "InvalidInput", taken, expected_params=asked)
    message: list[str] = []
    ensure_ecs_role(iam, message.append)
    assert message == ["The role AWSServiceRoleForECS is made: this account had none."]
    ensure_ecs_role(iam, message.append)
    assert len(message) == 1


def test_who_may_not_make_the_role_of_ecs_is_told(stubs: Stubs) -> None:
    iam, stubber = stubs("iam")
    stubber.add_client_error("create_service_linked_role", "AccessDenied", "not authorized")
    message: list[str] = []
    ensure_ecs_role(iam, message.append)
    assert "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com" in message[0]
