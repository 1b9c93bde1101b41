"""What the monitoring stack is made from, in the bucket: the folder logstash/ and the stack's template."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samtranslator.yaml_helper import yaml_parse

from organist.deploy.options.deployment_options import DeploymentRefused
from organist.deploy.package.image_source import zip_image_source
from organist.deploy.package.packaged_template import template_text
from organist.deploy.package.task_definition import resolve_task_definitions
from organist.deploy.package.uploads import Uploads, digest

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

FOLDER = Path("logstash")
TEMPLATE_FILE = FOLDER / "monitoring.yaml"


@dataclass(frozen=True)
class MonitoringSource:
    """The key of the zip that the machine builds its images from, their tag, and the template's address."""

    key: str
    tag: str
    template_url: str


def monitoring_template(repository: Path) -> str:
    """Return the stack's template as CloudFormation gets it, in which nothing refers to a local file."""
    template = yaml_parse((repository / TEMPLATE_FILE).read_text())
    resolve_task_definitions(template, repository)
    return template_text(template)


def upload_monitoring(repository: Path, uploads: Uploads) -> MonitoringSource:
    """Upload what the bucket lacks."""
    source = zip_image_source(repository / FOLDER)
    template = monitoring_template(repository).encode()
    return MonitoringSource(
        key=uploads.put("monitoring", ".zip", source),
        tag=digest(source),
        template_url=uploads.url(uploads.put("monitoring-template", ".json", template)),
    )


def zone_of(ec2: "EC2Client", subnet: str) -> str:
    """Return the Availability Zone of a subnet, where the data volume must be.

    Raises:
        DeploymentRefused: There is no such subnet.
    """
    found = ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": [subnet]}])["Subnets"]
    if not found:
        raise DeploymentRefused(f"There is no subnet {subnet} in this region. Nothing was made.")
    return found[0]["AvailabilityZone"]
