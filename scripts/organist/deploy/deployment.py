"""A deployment, step by step: check, package, upload, change set, execute, image."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from organist.account.aws_account import Account
from organist.account.deployed_stack import DeployedStack, describe_stack, parameter_value, stack_outputs
from organist.deploy.checks.account_checks import (
    check_bucket,
    check_concurrency,
    check_identity,
    check_partition,
    check_stack,
)
from organist.deploy.checks.encryption_keys import find_keys
from organist.deploy.checks.network_choice import Network, choose_network
from organist.deploy.image.deployment_image import DeploymentImage
from organist.deploy.options.deployment_options import OWN_BUCKET, DeploymentOptions, check_options
from organist.deploy.package.image_source import zip_image_source
from organist.deploy.package.lambda_package import build_package
from organist.deploy.package.monitoring_source import upload_monitoring, zone_of
from organist.deploy.package.packaged_template import (
    LONGEST_BODY_BYTES,
    Uploaded,
    package_template,
    template_text,
)
from organist.deploy.package.uploads import Uploads, digest
from organist.deploy.stack.change_set import ChangeSet, make_change_set
from organist.deploy.stack.stack_parameters import (
    ImageSource,
    parameter_values,
    reserved_executions,
    stack_parameters,
)
from organist.repository import BUILD, REPOSITORY, TEMPLATE

STATE_MACHINE_FILE = Path("step_functions") / "dynamicNTS.json"
IMAGE_FOLDER = Path("tasks") / "node-red"


@dataclass(frozen=True)
class Prepared:
    """What is to be done: the change set, None if nothing would change, and the image that must be there."""

    change_set: ChangeSet | None
    image: DeploymentImage


@dataclass
class Deployment:
    """One run of `organist deploy` up to its change set.

    Args:
        print_line: Takes a line for the person.
        sleep: Waits between two polls.
    """

    account: Account
    options: DeploymentOptions
    print_line: Callable[[str], None]
    sleep: Callable[[], None]
    template: Path = TEMPLATE
    repository: Path = REPOSITORY
    build: Path = BUILD
    _described: Mapping[str, Any] | None = field(default=None, init=False)

    def check(self) -> None:
        """Look at everything that can be seen before anything is made.

        Raises:
            DeploymentRefused, AccountError: The message says what to do.
        """
        check_options(self.options)
        check_partition(self.account)
        self.print_line(f"account {check_identity(self.account)}, region {self.account.region}")
        check_bucket(self.account, self.options.bucket)
        self._described = describe_stack(self.account, self.options.stack)
        check_stack(self.options.stack, self._described)

    @property
    def deployed(self) -> DeployedStack | None:
        """The stack that an update changes, None if there is none yet; ``check`` has been called."""
        described = self._existing()
        return DeployedStack(self.options.stack, stack_outputs(described)) if described else None

    def prepare(self) -> Prepared:
        """Package, upload what the bucket lacks, and make the change set; ``check`` has been called."""
        described = self._existing()
        buckets = [*self._media_buckets(described), *self._publish_bucket(described)]
        keys = find_keys(self.account, buckets, self.print_line)
        if keys.volume and self.options.monitoring.wanted:
            # https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
            self.print_line(
                f"Warning: new EBS volumes have the key {keys.volume}. The monitoring machine starts only if "
                "that key's policy lets AWSServiceRoleForAutoScaling use it."
            )
        network = None
        if described is None or self.options.subnets:
            network = choose_network(self.account.ec2, self.options.vpc, self.options.subnets)
        uploads = Uploads(self.account.s3, self.options.bucket, self.print_line)
        code = build_package(self.repository, self.build)
        image_source = zip_image_source(self.repository / IMAGE_FOLDER)
        definition = (self.repository / STATE_MACHINE_FILE).read_bytes()
        monitoring = upload_monitoring(self.repository, uploads)
        uploaded = Uploaded(
            self.options.bucket,
            code=uploads.put("lambda", ".zip", code.path.read_bytes()),
            definition=uploads.put("dynamicNTS", ".json", definition),
            monitoring_url=monitoring.template_url,
        )
        source = ImageSource(
            self.options.bucket, uploads.put("node-red-image", ".zip", image_source), tag=digest(image_source)
        )
        template = package_template(
            yaml_parse(self.template.read_text()), uploaded, self.repository, self.account.region
        )
        if self.options.reserve_concurrency and parameter_value(described, "ReserveConcurrency") != "yes":
            check_concurrency(self.account, reserved_executions(template))
        values = parameter_values(self.options, described, network, source) | {
            "MonitoringSourceKey": monitoring.key,
            "MonitoringSourceTag": monitoring.tag,
            "MonitoringZone": self._zone(network, described),
            **keys.parameters(),
        }
        made = make_change_set(
            self.account.cloudformation,
            ChangeSet(
                f"organist-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}", self.options.stack, (), described is None
            ),
            self._where(uploads, template_text(template)),
            stack_parameters(template.get("Parameters", {}), described, values),
            self.sleep,
        )
        image = DeploymentImage(
            self.account, source, self._has_module_source(described), self.print_line, self.sleep
        )
        return Prepared(made, image)

    def _existing(self) -> Mapping[str, Any] | None:
        """Return the stack's description; a stack of which only a change set was ever made is none."""
        if self._described and self._described["StackStatus"] == "REVIEW_IN_PROGRESS":
            return None
        return self._described

    def _media_buckets(self, described: Mapping[str, Any] | None) -> Sequence[str]:
        """Return the media buckets that the stack will have."""
        if self.options.media_buckets is not None:
            return self.options.media_buckets
        return [bucket for bucket in parameter_value(described, "MediaBuckets").split(",") if bucket]

    def _publish_bucket(self, described: Mapping[str, Any] | None) -> list[str]:
        """Return the bucket that productions will publish in; none where it is the stack's own."""
        wanted = self.options.publish
        bucket = parameter_value(described, "Publish") if wanted is None else wanted
        return [bucket] if bucket not in ("", OWN_BUCKET) else []

    def _has_module_source(self, described: Mapping[str, Any] | None) -> bool:
        """Return whether the stack will have dynamorse's modules, and so its image."""
        if self.options.module_source is not None:
            return bool(self.options.module_source)
        return bool(parameter_value(described, "ModuleSource"))

    def _zone(self, network: Network | None, described: Mapping[str, Any] | None) -> str | None:
        """Return the zone of the monitoring's data volume, None if the stack's stays or there is none."""
        subnets = network.subnets if network else parameter_value(described, "SubnetIds").split(",")
        if not self.options.monitoring.wanted and not network:
            return None
        return zone_of(self.account.ec2, subnets[0])

    def _where(self, uploads: Uploads, text: str) -> dict[str, str]:
        if len(text.encode()) <= LONGEST_BODY_BYTES:
            return {"TemplateBody": text}
        return {"TemplateURL": uploads.url(uploads.put("template", ".json", text.encode()))}
