"""newInstance and showInstances against moto's EC2, and against what EC2 answers where moto cannot."""

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from lambdas.aws import tags
from lambdas.aws.machine_errors import (
    InstanceCapacityUnavailable,
    InstanceGone,
    InstanceQuotaExceeded,
    InstanceTypeNotAllowed,
    InstanceTypeUnknown,
)
from lambdas.new_instance import Launcher, launched_at, new_instance
from lambdas.runtime.timestamps import from_iso, to_precise_iso
from lambdas.show_instances import show_instances
from tests.unit.lambdas.conftest import CLUSTER, IMAGES, REGION

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ssm import SSMClient

    from lambdas.production.events import MachineEvent
    from lambdas.runtime.settings import LaunchSettings

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
MIXER: dict[str, Any] = {
    "instanceName": "mixer-1f0c9a2e",
    "instanceType": "t2.micro",
    "lifetimeMinutes": 22,
    "production": {
        "productionId": "1f0c9a2e",
        "executionArn": "arn:aws:states:eu-west-1:123456789012:execution:dynamicNTS:news",
        "expiresAt": "2026-11-22T19:22:00Z",
    },
}


class Aws:
    """The clients and settings that launching needs, and calls in short."""

    def __init__(self, ec2: "EC2Client", ssm: "SSMClient", settings: "LaunchSettings") -> None:
        self.ec2, self.settings = ec2, settings
        self.launcher = Launcher(settings, ec2, ssm)
        self.sent: list[dict[str, Any]] = []
        ec2.meta.events.register("before-parameter-build.ec2.RunInstances", self._note)

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.sent.append(dict(params))

    def launch(self, event: dict[str, Any]) -> dict[str, Any]:
        return new_instance(cast("MachineEvent", event), self.launcher, lambda: NOW)

    def refuse(self, *answers: tuple[str, str] | None) -> None:
        """Let EC2 refuse one launch after the other with a code and a message; None lets one through."""
        left = list(answers)

        def answer(**_: Any) -> None:
            message = left.pop(0) if left else None
            if message is not None:
                raise ClientError({"Error": {"Code": message[0], "Message": message[1]}}, "RunInstances")

        self.ec2.meta.events.register("before-call.ec2.RunInstances", answer)

    def instances(self) -> list[Any]:
        answer = self.ec2.describe_instances()
        return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]


@pytest.fixture
def aws(ec2: "EC2Client", ssm: "SSMClient", launch_settings: "LaunchSettings") -> Aws:
    return Aws(ec2, ssm, launch_settings)


def test_a_machine_is_tagged_and_timed_from_birth(aws: Aws) -> None:
    launched = aws.launch(MIXER)

    (instance,) = aws.instances()
    assert launched == MIXER | {
        "instanceName": "mixer-1f0c9a2e",
        "instanceId": instance["InstanceId"],
        "instanceType": "t2.micro",
        "launchedAt": to_precise_iso(instance["LaunchTime"]),
        "availabilityZone": instance["Placement"]["AvailabilityZone"],
        "clusterName": CLUSTER,
        "privateAddress": instance["PrivateIpAddress"],
    }
    tagged = tags.read_tags(instance["Tags"])
    assert {key: value for key, value in tagged.items() if not key.startswith("aws:")} == {
        "Name": "mixer-1f0c9a2e",
        "organist:stack": "organist",
        "organist:production": "1f0c9a2e",
        "organist:execution": MIXER["production"]["executionArn"],
        "organist:expires": "2026-11-22T19:22:00Z",
    }
    attribute = aws.ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    script = base64.b64decode(attribute["UserData"]["Value"]).decode()
    assert "\nshutdown -P +25\n" in script
    stop = "docker stop --time 120 $(docker ps --quiet); systemctl poweroff"
    assert f"\nsystemd-run --on-active=22m /bin/sh -c '{stop}'\n" in script
    assert f"ECS_CLUSTER={CLUSTER} " in script
    assert f"\nimage='{IMAGES[0]}' region='{REGION}' " in script


@pytest.mark.parametrize(
    ("now", "launched"),
    [
        ("10:00:07.400", "10:00:07.400"),  # in the second that EC2 tells
        ("10:00:09.200", "10:00:08.000"),  # asked again: it was before that second's end
        ("10:00:06.900", "10:00:07.000"),  # a clock that is behind EC2's
    ],
)
def test_a_launch_was_within_the_second_that_ec2_tells(now: str, launched: str) -> None:
    day = "2026-11-22T{}Z".format
    found = launched_at(from_iso(day("10:00:07")), from_iso(day(now)))
    assert to_precise_iso(found) == day(launched)


def test_dynamorses_machine_pulls_dynamorses_image(aws: Aws) -> None:
    launched = aws.launch(MIXER | {"engine": "dynamorse"})
    attribute = aws.ec2.describe_instance_attribute(InstanceId=launched["instanceId"], Attribute="userData")
    assert f"\nimage='{IMAGES[1]}' " in base64.b64decode(attribute["UserData"]["Value"]).decode()


def test_a_machine_image_that_validate_input_has_chosen_is_launched(aws: Aws) -> None:
    subnet = aws.settings.subnet_ids[0]
    aws.launch(
        MIXER | {"placements": [{"instanceType": "t2.micro", "subnetId": subnet, "imageId": "ami-own"}]}
    )
    assert aws.sent[0]["ImageId"] == "ami-own"


def test_asking_again_launches_nothing_new(aws: Aws) -> None:
    assert aws.launch(MIXER) == aws.launch(MIXER)
    assert len(aws.instances()) == 1


def test_a_machine_of_another_production_is_never_taken_for_ours(aws: Aws) -> None:
    ours = aws.launch(MIXER)
    theirs = aws.launch(MIXER | {"production": MIXER["production"] | {"productionId": "ffffffff"}})
    assert ours["instanceId"] != theirs["instanceId"]


def test_the_request_is_the_same_each_time_and_carries_a_client_token(aws: Aws) -> None:
    launched = aws.launch(MIXER)
    aws.ec2.terminate_instances(InstanceIds=[launched["instanceId"]])
    aws.launch(MIXER)

    sent = aws.sent
    assert sent[0] == sent[1]
    assert len(sent[0]["ClientToken"]) == 64
    assert sent[0]["InstanceInitiatedShutdownBehavior"] == "terminate"
    # The role may make each of these only with the stack's tag.
    given = {one["ResourceType"]: tags.read_tags(one["Tags"]) for one in sent[0]["TagSpecifications"]}
    assert set(given) == {"instance", "volume", "network-interface"}
    assert all(tagged[tags.STACK] == "organist" for tagged in given.values())


def test_alone_it_needs_a_name_and_a_type_only(aws: Aws) -> None:
    launched = aws.launch({"instanceName": "bench", "instanceType": "t4g.small"})

    (instance,) = aws.instances()
    assert launched["instanceName"] == "bench"
    assert tags.read_tags(instance["Tags"])["organist:expires"] == "2026-11-22T19:22:00Z"


def test_the_launch_template_is_named_with_its_newest_version(aws: Aws) -> None:
    # "$Default" stays 1 for ever where CloudFormation made the launch template.
    aws.launch(MIXER)
    assert aws.sent[0]["LaunchTemplate"] == {
        "LaunchTemplateId": aws.settings.launch_template_id,
        "Version": aws.settings.launch_template_version,
    }


def test_a_volume_is_as_large_as_the_production_says(aws: Aws) -> None:
    aws.launch(MIXER | {"volumeGiB": 77})
    (mapping,) = aws.sent[0]["BlockDeviceMappings"]
    assert mapping["DeviceName"] == "/dev/xvda"
    assert mapping["Ebs"] == {
        "VolumeSize": 77,
        "VolumeType": "gp3",
        "Encrypted": True,
        "DeleteOnTermination": True,
    }


def test_alone_an_unknown_type_is_named(aws: Aws) -> None:
    with pytest.raises(InstanceTypeUnknown, match=r"z9\.micro"):
        aws.launch(MIXER | {"instanceType": "z9.micro"})
    assert aws.instances() == []


UNSUPPORTED = (
    "Unsupported",
    "Your requested instance type (c6i.large) is not supported in your requested Availability Zone "
    "(eu-west-1a). Please retry your request by not specifying an Availability Zone or choosing eu-west-1b.",
)
NO_ROOM = (
    "InsufficientInstanceCapacity",
    "We currently do not have sufficient c6i.large capacity in the Availability Zone you requested.",
)


def placed(aws: Aws, *types: str) -> dict[str, Any]:
    """The mixer's event, with every type in two subnets."""
    first, second, *_ = aws.settings.subnet_ids
    places = [{"instanceType": kind, "subnetId": subnet} for kind in types for subnet in (first, second)]
    return MIXER | {"instanceType": list(types), "placements": places}


@pytest.mark.parametrize("refusal", [UNSUPPORTED, NO_ROOM])
def test_what_one_zone_does_not_have_the_next_is_asked_for(aws: Aws, refusal: tuple[str, str]) -> None:
    aws.refuse(refusal)
    aws.launch(placed(aws, "c6i.large"))
    assert [sent["SubnetId"] for sent in aws.sent] == list(aws.settings.subnet_ids[:2])
    # Else EC2 answers IdempotentParameterMismatch.
    assert aws.sent[0]["ClientToken"] != aws.sent[1]["ClientToken"]
    (instance,) = aws.instances()
    assert instance["SubnetId"] == aws.settings.subnet_ids[1]


def test_the_next_type_is_tried_once_no_zone_has_the_first(aws: Aws) -> None:
    aws.refuse(NO_ROOM, UNSUPPORTED)
    launched = aws.launch(placed(aws, "c6i.large", "m5.large"))
    assert launched["instanceType"] == "m5.large"
    assert [sent["InstanceType"] for sent in aws.sent] == ["c6i.large", "c6i.large", "m5.large"]


def test_no_room_anywhere_is_waited_for(aws: Aws) -> None:
    aws.refuse(NO_ROOM, UNSUPPORTED)
    with pytest.raises(InstanceCapacityUnavailable, match=r"sufficient c6i\.large capacity"):
        aws.launch(placed(aws, "c6i.large"))


def test_a_type_that_no_zone_takes_is_not_waited_for(aws: Aws) -> None:
    aws.refuse(UNSUPPORTED, UNSUPPORTED)
    with pytest.raises(InstanceTypeUnknown, match="eu-west-1a"):
        aws.launch(placed(aws, "c6i.large"))


def test_a_type_outside_the_free_plan_is_named_with_those_inside(aws: Aws) -> None:
    message = (
        "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, "
        "run 'describe-instance-types' with the filter 'free-tier-eligible=true'."
    )
    aws.refuse(("InvalidParameterCombination", message))
    with pytest.raises(InstanceTypeNotAllowed, match=r"not eligible.*includes .*t3\.micro"):
        aws.launch(MIXER)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("VcpuLimitExceeded", InstanceQuotaExceeded),
        ("InstanceLimitExceeded", InstanceQuotaExceeded),
        ("IdempotentInstanceTerminated", InstanceGone),
    ],
)
def test_what_ec2_refuses_everywhere_gets_a_name_at_once(aws: Aws, code: str, error: type[Exception]) -> None:
    aws.refuse((code, "told"))
    with pytest.raises(error, match=r"told|redrive"):
        aws.launch(placed(aws, "c6i.large"))
    assert len(aws.sent) == 1


def test_show_instances_gives_one_name_one_production_or_all(aws: Aws) -> None:
    aws.launch(MIXER)
    aws.launch({"instanceName": "bench", "instanceType": "t2.micro"})

    def names(event: dict[str, str]) -> set[str]:
        return {shown["instanceName"] for shown in show_instances(event, "organist", aws.ec2)["instances"]}

    assert names({}) == {"mixer-1f0c9a2e", "bench"}
    assert names({"instanceName": "bench"}) == {"bench"}
    assert names({"productionId": "1f0c9a2e"}) == {"mixer-1f0c9a2e"}
    assert show_instances({}, "another-stack", aws.ec2) == {"instances": [], "stopRequested": False}


def test_show_instances_tells_state_and_address(aws: Aws) -> None:
    launched = aws.launch(MIXER)
    (shown,) = show_instances({}, "organist", aws.ec2)["instances"]
    assert shown["instanceId"] == launched["instanceId"]
    assert shown["privateAddress"] == launched["privateAddress"]
    assert shown["state"] == "running"
    assert shown["expiresAt"] == "2026-11-22T19:22:00Z"


def test_a_request_to_go_off_air_is_a_tag_on_a_machine(aws: Aws) -> None:
    execution = {"executionArn": MIXER["production"]["executionArn"]}
    launched = aws.launch(MIXER)
    assert show_instances(execution, "organist", aws.ec2)["stopRequested"] is False
    aws.ec2.create_tags(
        Resources=[launched["instanceId"]], Tags=[{"Key": tags.STOP, "Value": "2026-11-22T19:05:00Z"}]
    )
    shown = show_instances(execution, "organist", aws.ec2)
    assert shown["stopRequested"] is True
    assert shown["instances"][0]["stopRequestedAt"] == "2026-11-22T19:05:00Z"
