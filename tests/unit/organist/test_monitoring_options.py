"""`organist deploy --monitoring`: its options' mistakes, and what they come to as parameters."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from organist.account.aws_account import AccountError
from organist.account.deployed_stack import DeployedStack
from organist.commands.login import LoginError, _kibana, login
from organist.deploy.options.deployment_options import DeploymentOptions, DeploymentRefused, check_options
from organist.deploy.options.monitoring_options import MonitoringOptions, monitoring_parameters
from organist.deploy.package.monitoring_source import zone_of
from tests.unit.organist.conftest import account_of

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-Ab12Cd"


def check(log_host: str | None = None, **options: Any) -> None:
    check_options(
        DeploymentOptions("my-bucket", "organist", log_host=log_host, monitoring=MonitoringOptions(**options))
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"elasticsearch": "https://a:9200", "store_secret": SECRET}, "give that, too"),
        ({"wanted": False, "opensearch": "https://a", "store_secret": SECRET}, "give that, too"),
        ({"wanted": True, "elasticsearch": "https://a:9200"}, "needs --store-secret"),
        ({"wanted": True, "elasticsearch": "a:9200", "store_secret": SECRET}, "expected https://host"),
        ({"wanted": True, "elasticsearch": "https://a/b", "store_secret": SECRET}, "without a path"),
        ({"wanted": True, "elasticsearch": "https://u:p@a", "store_secret": SECRET}, "expected https://host"),
        ({"wanted": True, "opensearch": "https://a:port", "store_secret": SECRET}, "--opensearch is"),
        ({"wanted": True, "opensearch": "https://a", "store_secret": "hunter2"}, "the ARN of a secret"),
        (
            {
                "wanted": True,
                "opensearch": "https://a",
                "elasticsearch": "https://a",
                "store_secret": SECRET,
            },
            "there is one store",
        ),
        ({"wanted": True, "log_host": "logs.example.org"}, "statistics go to one place"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DeploymentRefused, match=message):
        check(**options)


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        ({}, {}),
        ({"wanted": False}, {"Monitoring": "none", "StoreUrl": "", "StorePort": None, "StoreSecretArn": ""}),
        (
            {"wanted": True},
            {
                "Monitoring": "elastic-stack",
                "StoreUrl": "",
                "StorePort": None,
                "StoreSecretArn": "",
                "LogHost": "",
            },
        ),
        (
            {"wanted": True, "elasticsearch": "https://es.example.org:9200/", "store_secret": SECRET},
            {
                "Monitoring": "elasticsearch",
                "StoreUrl": "https://es.example.org:9200",
                "StorePort": "9200",
                "StoreSecretArn": SECRET,
                "LogHost": "",
            },
        ),
        (
            {"wanted": True, "opensearch": "https://os.example.org", "store_secret": SECRET},
            {
                "Monitoring": "opensearch",
                "StoreUrl": "https://os.example.org:443",
                "StorePort": "443",
                "StoreSecretArn": SECRET,
                "LogHost": "",
            },
        ),
    ],
)
def test_what_they_come_to(options: dict[str, Any], parameters: dict[str, str | None]) -> None:
    check(**options)
    assert monitoring_parameters(MonitoringOptions(**options)) == parameters


def test_the_data_volume_is_where_the_subnet_is() -> None:
    ec2 = boto3.Session("testing", "testing", region_name="eu-west-1").client("ec2")
    with Stubber(ec2) as stub:
        wanted = {"Filters": [{"Name": "subnet-id", "Values": ["subnet-1"]}]}
        stub.add_response("describe_subnets", {"Subnets": [{"AvailabilityZone": "eu-west-1b"}]}, wanted)
        stub.add_response("describe_subnets", {"Subnets": []}, wanted)
        assert zone_of(ec2, "subnet-1") == "eu-west-1b"
        with pytest.raises(DeploymentRefused, match="no subnet subnet-1"):
            zone_of(ec2, "subnet-1")


def test_kibanas_password_is_its_secret() -> None:
    secrets = boto3.Session("testing", "testing", region_name="eu-west-1").client("secretsmanager")
    outputs = {"KibanaUrl": "https://203.0.113.9:5601", "KibanaPasswordArn": SECRET}
    with Stubber(secrets) as stub:
        stub.add_response("get_secret_value", {"SecretString": "opensesame"}, {"SecretId": SECRET})
        shown = _kibana(account_of(secrets=secrets), DeployedStack("organist", outputs))
    assert shown == ("https://203.0.113.9:5601", "opensesame")
    with pytest.raises(AccountError, match="--monitoring"):
        _kibana(account_of(secrets=secrets), DeployedStack("organist", {}))


@pytest.mark.parametrize(("instance", "monitoring"), [(None, False), ("mixer-1", True)])
def test_one_password_is_asked_for(instance: str | None, monitoring: bool) -> None:
    with pytest.raises(LoginError, match="one of the two"):
        login(instance, monitoring)
