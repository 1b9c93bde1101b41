"""What a deployment refuses before anything is made, each with one clear message."""

import io
import ipaddress
import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from organist.account.aws_account import Account, explain
from organist.confirmation import NobodyToAsk, check_somebody, confirm
from organist.deploy.checks.account_checks import (
    check_bucket,
    check_concurrency,
    check_identity,
    check_partition,
    check_stack,
)
from organist.deploy.options.deployment_options import DeploymentOptions, DeploymentRefused, check_options
from tests.unit.organist.conftest import account_of
from tests.unit.template.plain import plain_template

Stubs = Callable[[str], tuple[Any, Stubber]]


def options(**more: Any) -> DeploymentOptions:
    return DeploymentOptions(**{"bucket": "my-bucket", "stack": "organist", **more})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stack": "1st"}, r'--stack is "1st"; expected a letter'),
        ({"bucket": "s3://mine"}, r"expected the plain name of an S3 bucket, without s3://"),
        ({"name_prefix": "a-far-too-long-prefix-"}, r"22 characters; expected 20 at the most"),
        ({"name_prefix": "test"}, r"and a hyphen at the end"),
        ({"vpc": "default", "subnets": ("subnet-01234567",)}, r"expected a VPC's id"),
        ({"vpc": "vpc-01234567"}, r"--vpc needs --subnets"),
        ({"vpc": "vpc-01234567", "subnets": ("mine",)}, r"expected subnets' ids"),
        ({"operator_cidr": "203.0.113.7"}, r"--operator-cidr.*such as 203.0.113.7/32"),
        ({"operator_cidr": "10.0.0.0/255.0.0.0"}, r"--operator-cidr.*and a number, such as 10.0.0.0/8"),
        ({"operator_cidr": "12.0.0.0/7"}, r"33,554,432 addresses; expected.*, /8 at the largest"),
        ({"media_cidr": "0.0.0.0/00"}, r"--media-cidr.*such as 0.0.0.0/0"),
        ({"operator_cidr": "203.0.113.7/8"}, r"--operator-cidr.*has host bits set"),
        ({"operator_cidr": "home"}, r"expected IPv4 addresses such as 203.0.113.7/32"),
        ({"operator_cidr": "0.0.0.0/0"}, r"(?s)the whole world.*owns the machine"),
        ({"media_cidr": "2001:db8::/32"}, r"--media-cidr.*expected IPv4"),
        ({"media_cidr": "0.0.0.0/0"}, None),
        ({"contribution_cidr": "203.0.113.0/24"}, None),
        ({"contribution_cidr": "studio"}, r"--contribution-cidr.*expected IPv4"),
        ({"contribution_cidr": "0.0.0.0/0"}, r"(?s)--contribution-cidr.*the whole world.*RTP knows no key"),
        ({"media_buckets": ("Films",)}, r'--media-buckets has "Films"'),
        ({"log_host": "http://logs"}, r"without a port"),
        ({"alarm_email": "me"}, r"expected a mail address"),
        ({"name_prefix": "test-", "operator_cidr": "203.0.113.7/32"}, None),
    ],
)
def test_options_that_cannot_be(given: dict[str, Any], message: str | None) -> None:
    if message is None:
        check_options(options(**given))
        return
    with pytest.raises(DeploymentRefused, match=message):
        check_options(options(**given))


NETWORKS = ["", "home", "::/0", "0.0.0/8", "10.0.0.0/8", "192.0.2.7/32"]
SIZES = [
    *("", "/", "/-1", "/+8", "/ 8", "/8 ", "/8\n", "/٨", "/x", "/00", "/08", "/008", "/8/8"),
    *("/0.0.0.0", "/255.0.0.0", "/0.255.255.255", "/255.255.255.255"),
    *(f"/{size}" for size in range(40)),
]


@pytest.mark.parametrize("name", ["operator_cidr", "media_cidr", "contribution_cidr"])
def test_an_option_takes_the_networks_that_the_template_takes(name: str) -> None:
    parameter = "".join(part.capitalize() for part in name.split("_"))
    pattern = plain_template()["Parameters"][parameter]["AllowedPattern"]

    def is_taken(cidr: str) -> bool:
        try:
            check_options(options(**{name: cidr}))
        except DeploymentRefused:
            return False
        return True

    # An address whose bits are all 0 is a network of any size; other addresses' bits a pattern cannot reckon.
    networks = [*(f"{ipaddress.IPv4Address(0)}{size}" for size in SIZES), *NETWORKS]
    by_template = {network: re.fullmatch(pattern, network) is not None for network in networks}
    assert {network: is_taken(network) for network in networks} == by_template
    assert sum(by_template.values()) > len(SIZES) / 3


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(DeploymentRefused) as refused:
        check_options(options(stack="1st", operator_cidr="0.0.0.0/0", alarm_email="me"))
    assert len(str(refused.value).splitlines()) == 4
    assert str(refused.value).endswith("Nothing was made.")


@pytest.mark.parametrize(
    ("status", "region", "message"),
    [
        (404, "", r"There is no bucket my-bucket. Make it: aws s3 mb"),
        (403, "", r"You may not use the bucket my-bucket"),
        (301, "us-east-1", r"in us-east-1, the deployment in eu-west-1.*--region us-east-1"),
        (403, "us-east-1", r"in us-east-1, the deployment in eu-west-1"),
    ],
)
def test_a_bucket_that_will_not_do(stubs: Stubs, status: int, region: str, message: str) -> None:
    s3, stubber = stubs("s3")
    headers = {"HTTPHeaders": {"x-amz-bucket-region": region}}
    stubber.add_client_error("head_bucket", str(status), http_status_code=status, response_meta=headers)
    with pytest.raises(DeploymentRefused, match=message):
        check_bucket(account_of(s3=s3), "my-bucket")


def test_a_bucket_in_another_region_that_answers(moto_account: Account) -> None:
    place: Any = {"LocationConstraint": "eu-central-1"}
    there = moto_account.session.client("s3", region_name="eu-central-1")
    there.create_bucket(Bucket="elsewhere", CreateBucketConfiguration=place)
    with pytest.raises(DeploymentRefused, match="eu-central-1"):
        check_bucket(moto_account, "elsewhere")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredToken", "have expired. Sign in again"),
        ("InvalidClientTokenId", "AWS does not accept your credentials"),
        ("AccessDenied", "answered AccessDenied"),
    ],
)
def test_credentials_that_aws_does_not_take(stubs: Stubs, code: str, message: str) -> None:
    sts, stubber = stubs("sts")
    stubber.add_client_error("get_caller_identity", code, http_status_code=403)
    with pytest.raises(ClientError) as refused:
        check_identity(account_of(sts=sts))
    assert message in str(explain(refused.value))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("ROLLBACK_COMPLETE", "organist destroy --stack mine"),
        ("UPDATE_IN_PROGRESS", "Somebody is changing it"),
        ("DELETE_IN_PROGRESS", "Somebody is changing it"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
        ("DELETE_FAILED", "organist destroy"),
    ],
)
def test_a_stack_that_takes_no_deployment(status: str, advice: str) -> None:
    with pytest.raises(DeploymentRefused, match=f"mine is {status}") as refused:
        check_stack("mine", {"StackStatus": status})
    assert advice in str(refused.value)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_stack_that_is_ready(status: str) -> None:
    check_stack("mine", {"StackStatus": status})
    check_stack("mine", None)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", None),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_partition_where_it_cannot_work_is_refused_by_name(region: str, partition: str | None) -> None:
    account = Account(boto3.Session("a", "b", region_name=region), None)
    if partition is None:
        check_partition(account)
        return
    with pytest.raises(DeploymentRefused, match=f"{region} is of the partition {partition}.*public.ecr.aws"):
        check_partition(account)


@pytest.mark.parametrize(("unreserved", "may"), [(1000, True), (105, True), (104, False), (10, False)])
def test_concurrency_is_reserved_only_where_aws_lets_it(stubs: Stubs, unreserved: int, may: bool) -> None:
    functions, stubber = stubs("lambda")
    limit = {"AccountLimit": {"UnreservedConcurrentExecutions": unreserved}}
    stubber.add_response("get_account_settings", limit)
    expected = (
        nullcontext()
        if may
        else pytest.raises(DeploymentRefused, match=f"has {unreserved} unreserved.*takes 5")
    )
    with expected:
        check_concurrency(account_of(functions=functions), reserved=5)


class Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        return True


def test_nobody_is_asked_without_a_terminal() -> None:
    with pytest.raises(NobodyToAsk, match="Give --yes"):
        check_somebody(io.StringIO("yes\n"))
    check_somebody(Terminal())


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("YES\n", True), ("\n", False), ("", False)])
def test_anything_but_yes_is_no(answer: str, agreed: bool) -> None:
    assert confirm("Really?", Terminal(answer)) is agreed
