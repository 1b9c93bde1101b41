"""Baking: a machine pulls Node-RED's image and stops; of its disk a machine image is made, and it goes.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.aws import tags
from lambdas.aws.baked_images import BASE, HOLDS, find_baked
from lambdas.aws.user_data import baking_user_data
from lambdas.runtime.timestamps import to_iso
from organist.account.aws_account import Account
from organist.command_errors import CommandError
from organist.deploy.machine_image.removal import remove_baked

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import ImageTypeDef

POLL_SECONDS = 10.0
PULL_SECONDS = 15 * 60
"""Until the machine has pulled and stopped; it takes two minutes."""
SNAPSHOT_SECONDS = 45 * 60
"""Until the image is available: the first snapshot of a disk takes minutes."""
EXPIRY = timedelta(hours=2)
"""After it the reaper removes a machine that a command which died has left."""


class BakingFailed(CommandError):
    """No machine image was made; productions go on with Amazon's own."""


@dataclass(frozen=True)
class Recipe:
    """What is baked.

    Attributes:
        stack: The stack's name.
        container_image: Node-RED's, with registry and tag.
        base: Amazon's machine image.
        launch_template: The id of the stack's.
        subnet: Where the machine starts.
        instance_type: What it is.
    """

    stack: str
    container_image: str
    base: str
    launch_template: str
    subnet: str
    instance_type: str


class Oven:
    """Bakes in an account."""

    def __init__(
        self,
        account: Account,
        say: Callable[[str], None],
        sleep: Callable[[float], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take what tells a person, waits so many seconds, and tells the time."""
        self._ec2, self._region = account.ec2, account.region
        self._say, self._sleep, self._now = say, sleep, now

    def bake(self, recipe: Recipe) -> str:
        """Return the id of a machine image by the recipe, made if there is none; older ones go.

        Raises:
            BakingFailed: The machine did not pull the image, or AWS could not make one of its disk.
        """
        there = list(find_baked(self._ec2, recipe.stack))
        fitting = [image for image in there if _fits(image, recipe)]
        if fitting:
            made = fitting[0]["ImageId"]
            self._say(f"The machine image {made} holds {recipe.container_image} already.")
        else:
            made = self._make(recipe)
        for line in remove_baked(self._ec2, [image for image in there if image["ImageId"] != made]):
            self._say(line)
        return made

    def _make(self, recipe: Recipe) -> str:
        with self._machine(recipe) as instance_id:
            self._say(
                f"The machine {instance_id} pulls {recipe.container_image} and stops; about two minutes."
            )
            self._wait_for(lambda: self._has_stopped(instance_id), PULL_SECONDS, self._no_pull(instance_id))
            made = self._ec2.create_image(
                InstanceId=instance_id,
                Name=f"{recipe.stack}-{self._now():%Y%m%d-%H%M%S}",
                TagSpecifications=[_tagged(kind, recipe) for kind in ("image", "snapshot")],
            )["ImageId"]
            self._say(f"AWS makes the machine image {made} of its disk; some minutes.")
            failure = f"The machine image {made} is not available after {SNAPSHOT_SECONDS // 60} minutes."
            self._wait_for(lambda: self._is_available(made), SNAPSHOT_SECONDS, failure)
        return made

    @contextmanager
    def _machine(self, recipe: Recipe) -> Iterator[str]:
        pairs = {
            tags.NAME: f"{recipe.stack}-bake",
            tags.STACK: recipe.stack,
            tags.EXPIRES: to_iso(self._now() + EXPIRY),
        }
        request: dict[str, Any] = {
            "LaunchTemplate": {"LaunchTemplateId": recipe.launch_template, "Version": "$Latest"},
            "ImageId": recipe.base,
            "InstanceType": recipe.instance_type,
            "SubnetId": recipe.subnet,
            "InstanceInitiatedShutdownBehavior": "stop",
            "UserData": baking_user_data(recipe.container_image, self._region),
            "TagSpecifications": [
                {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}
                for kind in ("instance", "volume")
            ],
        }
        instance_id = self._ec2.run_instances(**request, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        try:
            yield instance_id
        finally:
            self._ec2.terminate_instances(InstanceIds=[instance_id])

    def _wait_for(self, is_so: Callable[[], bool], seconds: float, failure: str) -> None:
        deadline = self._now() + timedelta(seconds=seconds)
        self._sleep(POLL_SECONDS)
        while not is_so():
            if self._now() > deadline:
                raise BakingFailed(f"{failure} Nothing of it stays; productions go on with what there was.")
            self._sleep(POLL_SECONDS)

    def _has_stopped(self, instance_id: str) -> bool:
        # By a filter: right after the launch EC2 may not list it yet.
        wanted: Any = [{"Name": "instance-id", "Values": [instance_id]}]
        found = self._ec2.describe_instances(Filters=wanted)["Reservations"]
        return any(one["State"]["Name"] == "stopped" for group in found for one in group["Instances"])

    def _is_available(self, image_id: str) -> bool:
        wanted: Any = [{"Name": "image-id", "Values": [image_id]}]
        found: Any = self._ec2.describe_images(Owners=["self"], Filters=wanted)
        for image in found["Images"]:
            if image["State"] in ("failed", "error", "invalid"):
                reason = image.get("StateReason", {}).get("Message", "no reason given")
                raise BakingFailed(f"AWS could not make the machine image {image_id}: {reason}.")
        return any(image["State"] == "available" for image in found["Images"])

    @staticmethod
    def _no_pull(instance_id: str) -> str:
        return (
            f"The machine {instance_id} had not pulled the image after {PULL_SECONDS // 60} minutes. Its "
            f"console output says why: aws ec2 get-console-output --instance-id {instance_id}."
        )


def _fits(image: "ImageTypeDef", recipe: Recipe) -> bool:
    tagged = tags.read_tags(image.get("Tags", []))
    held = (tagged.get(HOLDS), tagged.get(BASE))
    return image.get("State") == "available" and held == (recipe.container_image, recipe.base)


def _tagged(kind: str, recipe: Recipe) -> Any:
    pairs = {tags.STACK: recipe.stack, HOLDS: recipe.container_image, BASE: recipe.base}
    return {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}
