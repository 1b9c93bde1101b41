"""A machine image of the stack's own: baked, used where it holds the right container image, removed."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.aws import tags
from lambdas.aws.baked_images import find_baked, usable_image
from organist.account.aws_account import Account
from organist.deploy.machine_image.baking import EXPIRY, BakingFailed, Oven, Recipe
from organist.deploy.machine_image.removal import remove_baked

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/nodes:2-x86_64"
BEGAN = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


class Kitchen:
    """An account with a launch template, and the time that passes there."""

    def __init__(self, account: Account) -> None:
        events: Any = account.session.events
        events.register("provide-client-params.ec2.CreateImage", self._without_snapshots)
        self.account, self.ec2 = account, account.ec2
        self.moment = BEGAN
        self.said: list[str] = []
        self.meanwhile: Callable[[], object] = self.the_machine_stops
        made = self.ec2.create_launch_template(
            LaunchTemplateName="machines", LaunchTemplateData={"KeyName": "none"}
        )
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]
        self.subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]

    def recipe(self, container_image: str = IMAGE, base: str = "ami-12345678") -> Recipe:
        return Recipe("studio", container_image, base, self.template, self.subnet, "t3.small")

    def bake(self, recipe: Recipe | None = None) -> str:
        oven = Oven(self.account, self.said.append, self.sleep, lambda: self.moment)
        return oven.bake(recipe or self.recipe())

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.meanwhile()

    @staticmethod
    def _without_snapshots(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What moto takes: it does not tag the snapshots of an image."""
        image, snapshot = params["TagSpecifications"]
        assert (image["ResourceType"], snapshot["ResourceType"]) == ("image", "snapshot")
        assert image["Tags"] == snapshot["Tags"]
        return params | {"TagSpecifications": [image]}

    def the_machine_stops(self) -> None:
        running = [one["InstanceId"] for one in self.machines() if one["State"]["Name"] == "running"]
        if running:
            self.ec2.stop_instances(InstanceIds=running)

    def machines(self) -> list[Any]:
        pages: Any = self.ec2.describe_instances()["Reservations"]
        return [one for group in pages for one in group["Instances"]]

    def images(self) -> list[Any]:
        return list(find_baked(self.ec2, "studio"))

    def snapshots(self) -> list[str]:
        return [one["SnapshotId"] for one in self.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]]


@pytest.fixture
def kitchen(moto_account: Account) -> Kitchen:
    return Kitchen(moto_account)


def test_a_machine_pulls_stops_becomes_an_image_and_goes(kitchen: Kitchen) -> None:
    made = kitchen.bake()
    (image,) = kitchen.images()
    assert (image["ImageId"], image["State"]) == (made, "available")
    assert tags.read_tags(image["Tags"]) == {
        "organist:stack": "studio",
        "organist:image": IMAGE,
        "organist:base": "ami-12345678",
    }
    (machine,) = kitchen.machines()
    assert machine["State"]["Name"] == "terminated"
    tagged = tags.read_tags(machine["Tags"])
    began = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    assert tagged["organist:expires"] == f"{began + EXPIRY:%Y-%m-%dT%H:%M:%SZ}", (
        "or the reaper would never find it"
    )
    attribute = kitchen.ec2.describe_instance_attribute(
        InstanceId=machine["InstanceId"], Attribute="userData"
    )
    script = base64.b64decode(attribute["UserData"]["Value"]).decode()
    assert f"image='{IMAGE}'" in script
    assert "ECS_CLUSTER" not in script, "an agent that registered would leave its identity on the disk"


def test_what_there_is_already_is_not_made_again(kitchen: Kitchen) -> None:
    made = kitchen.bake()
    assert kitchen.bake() == made
    assert len(kitchen.machines()) == 1
    assert f"{made} holds {IMAGE} already" in kitchen.said[-1]


@pytest.mark.parametrize("changed", [{"container_image": f"{IMAGE}2"}, {"base": "ami-1e749f67"}])
def test_an_older_one_goes_with_its_snapshots(kitchen: Kitchen, changed: dict[str, str]) -> None:
    old, before = kitchen.bake(), kitchen.snapshots()
    new = kitchen.bake(kitchen.recipe(**changed))
    assert [image["ImageId"] for image in kitchen.images()] == [new] != [old]
    assert not set(before) & set(kitchen.snapshots()) - _of(kitchen.images())
    assert any(old in line and "removed" in line for line in kitchen.said)


def _of(images: list[Any]) -> set[str]:
    return {mapping["Ebs"]["SnapshotId"] for image in images for mapping in image["BlockDeviceMappings"]}


def test_a_machine_that_never_stops_is_given_up_and_goes(kitchen: Kitchen) -> None:
    kitchen.meanwhile = lambda: None
    with pytest.raises(BakingFailed, match=r"had not pulled the image after 15 minutes.*get-console-output"):
        kitchen.bake()
    assert [one["State"]["Name"] for one in kitchen.machines()] == ["terminated"]
    assert kitchen.images() == []


def test_a_person_who_interrupts_leaves_no_machine(kitchen: Kitchen) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    kitchen.meanwhile = interrupt
    with pytest.raises(KeyboardInterrupt):
        kitchen.bake()
    assert [one["State"]["Name"] for one in kitchen.machines()] == ["terminated"]


def test_only_an_image_of_this_stack_with_this_container_image_is_used(kitchen: Kitchen) -> None:
    made = kitchen.bake()
    assert usable_image(kitchen.ec2, "studio", IMAGE) == made
    assert usable_image(kitchen.ec2, "studio", f"{IMAGE}2") == ""
    assert usable_image(kitchen.ec2, "another", IMAGE) == ""


def test_destroy_removes_them_all(kitchen: Kitchen) -> None:
    made = kitchen.bake()
    (line,) = remove_baked(kitchen.ec2, kitchen.images())
    assert made in line
    assert kitchen.images() == []
