"""Which version of a launch template RunInstances takes.

CloudFormation makes a new version at each update and never makes it the default one, which stays version 1:
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1518
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from local_cloud.provisioning.provision import provision
from tests.contract.machines import instance, launch, terminate

OLD, NEW = "eu-west-1b", "eu-west-1c"


def network(cloud: LocalCloud, zone: str) -> dict[str, Any]:
    """A launch template's data that puts machines into a zone."""
    found = cloud.client("ec2").describe_subnets(Filters=[{"Name": "availability-zone", "Values": [zone]}])
    return {"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": found["Subnets"][0]["SubnetId"]}]}


@pytest.fixture
def template(cloud: LocalCloud) -> str:
    """A launch template as a stack has it after its first update: two versions, the first one the default."""
    client = cloud.client("ec2")
    made = client.create_launch_template(
        LaunchTemplateName=f"t-{uuid.uuid4().hex[:8]}", LaunchTemplateData=network(cloud, OLD)
    )["LaunchTemplate"]["LaunchTemplateId"]
    client.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=network(cloud, NEW))
    (described,) = client.describe_launch_templates(LaunchTemplateIds=[made])["LaunchTemplates"]
    assert (described["DefaultVersionNumber"], described["LatestVersionNumber"]) == (1, 2)
    return str(made)


@pytest.fixture
def zone_of(cloud: LocalCloud) -> Callable[[dict[str, str]], str]:
    """The zone that a machine of a launch template's version is in."""

    def launched_zone(reference: dict[str, str]) -> str:
        machine = launch(cloud, LaunchTemplate=reference)["InstanceId"]
        described = instance(cloud, machine)
        terminate(cloud, machine)
        return str(described["Placement"]["AvailabilityZone"])

    return launched_zone


@pytest.mark.parametrize(
    ("version", "zone"), [("$Default", OLD), ("$Latest", NEW), ("1", OLD), ("2", NEW), (None, OLD)]
)
def test_a_version_is_that_version(
    template: str, zone_of: Callable[[dict[str, str]], str], version: str | None, zone: str
) -> None:
    named = {} if version is None else {"Version": version}
    assert zone_of({"LaunchTemplateId": template, **named}) == zone


def test_the_default_is_another_one_only_when_somebody_says_so(
    cloud: LocalCloud, template: str, zone_of: Callable[[dict[str, str]], str]
) -> None:
    cloud.client("ec2").modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")
    assert zone_of({"LaunchTemplateId": template, "Version": "$Default"}) == NEW


@pytest.mark.parametrize("version", ["0", "3", "-1", "newest"])
def test_a_version_that_is_not_there(cloud: LocalCloud, template: str, version: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidLaunchTemplateId\.VersionNotFound"):
        launch(cloud, LaunchTemplate={"LaunchTemplateId": template, "Version": version})


def test_a_template_that_is_not_there(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match=r"InvalidLaunchTemplateId\.NotFound"):
        launch(cloud, LaunchTemplate={"LaunchTemplateId": "lt-0123456789abcdef0"})


def test_a_stack_tells_its_versions(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  L: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {KeyName: none}}}\n"
        "  S:\n    Type: AWS::SecretsManager::Secret\n"
        "    Properties: {Name: versions, SecretString: !Sub 'latest ${L.LatestVersionNumber}'}\n"
    )
    provision(cloud, tmp_path / "template.yaml", tmp_path, f"s-{uuid.uuid4().hex[:8]}")
    assert cloud.client("secretsmanager").get_secret_value(SecretId="versions")["SecretString"] == "latest 1"
