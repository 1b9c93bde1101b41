"""newInstance, showInstances and terminateInstance against moto's EC2 and ECS."""

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lambdas import tags
from lambdas.machine_errors import (
    ClusterStillOccupied,
    InstanceCapacityUnavailable,
    InstanceNameTaken,
    InstanceQuotaExceeded,
    InstanceStillTerminating,
    InstanceTypeUnknown,
)
from lambdas.machine_removal import delete_cluster
from lambdas.new_instance import new_instance
from lambdas.show_instances import show_instances
from lambdas.terminate_instance import terminate_instance

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ssm import SSMClient

    from lambdas.settings import LaunchSettings

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

    def __init__(
        self, ec2: "EC2Client", ecs: "ECSClient", ssm: "SSMClient", settings: "LaunchSettings"
    ) -> None:
        self.ec2, self.ecs, self.ssm, self.settings = ec2, ecs, ssm, settings

    def launch(self, event: dict[str, Any]) -> dict[str, Any]:
        return new_instance(event, self.settings, self.ec2, self.ecs, self.ssm, NOW)

    def terminate(self, name: str) -> dict[str, Any]:
        return terminate_instance(name, self.settings.stack_name, self.ec2, self.ecs)

    def instances(self) -> list[Any]:
        answer = self.ec2.describe_instances()
        return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]

    def active_clusters(self) -> list[str]:
        names = self.ecs.list_clusters()["clusterArns"]
        found = self.ecs.describe_clusters(clusters=names)["clusters"] if names else []
        return [cluster["clusterName"] for cluster in found if cluster["status"] == "ACTIVE"]


@pytest.fixture
def aws(ec2: "EC2Client", ecs: "ECSClient", ssm: "SSMClient", launch_settings: "LaunchSettings") -> Aws:
    return Aws(ec2, ecs, ssm, launch_settings)


def test_a_machine_is_tagged_and_timed_from_birth(aws: Aws) -> None:
    launched = aws.launch(MIXER)

    (instance,) = aws.instances()
    assert launched == {
        "instanceName": "mixer-1f0c9a2e",
        "instanceId": instance["InstanceId"],
        "clusterName": "mixer-1f0c9a2e",
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
    assert "\nshutdown -P +22\n" in script
    assert "ECS_CLUSTER=mixer-1f0c9a2e" in script
    assert aws.ecs.describe_clusters(clusters=["mixer-1f0c9a2e"])["clusters"][0]["status"] == "ACTIVE"


def test_asking_again_launches_nothing_new(aws: Aws) -> None:
    assert aws.launch(MIXER) == aws.launch(MIXER)
    assert len(aws.instances()) == 1


def test_a_machine_of_another_production_is_never_taken_for_ours(aws: Aws) -> None:
    ours = aws.launch(MIXER)
    theirs = aws.launch(MIXER | {"production": MIXER["production"] | {"productionId": "ffffffff"}})
    assert ours["instanceId"] != theirs["instanceId"]


def test_the_request_is_the_same_each_time_and_carries_a_client_token(aws: Aws) -> None:
    sent: list[dict[str, Any]] = []
    aws.ec2.meta.events.register(
        "before-parameter-build.ec2.RunInstances", lambda params, **_: sent.append(dict(params))
    )
    launched = aws.launch(MIXER)
    aws.ec2.terminate_instances(InstanceIds=[launched["instanceId"]])
    aws.launch(MIXER)

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


def test_an_unknown_type_is_named_before_a_cluster_is_made(aws: Aws) -> None:
    with pytest.raises(InstanceTypeUnknown, match=r"z9\.micro"):
        aws.launch(MIXER | {"instanceType": "z9.micro"})
    assert aws.active_clusters() == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InsufficientInstanceCapacity", InstanceCapacityUnavailable),
        ("VcpuLimitExceeded", InstanceQuotaExceeded),
        ("InstanceLimitExceeded", InstanceQuotaExceeded),
    ],
)
def test_what_ec2_refuses_gets_a_name(aws: Aws, code: str, error: type[Exception]) -> None:
    with Stubber(aws.ec2) as stub:
        stub.add_response("describe_instances", {"Reservations": []})
        stub.add_response(
            "describe_instance_types",
            {"InstanceTypes": [{"ProcessorInfo": {"SupportedArchitectures": ["x86_64"]}}]},
        )
        stub.add_client_error("run_instances", code, "told")
        with pytest.raises(error, match="told"):
            aws.launch(MIXER)


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


def test_terminating_removes_machine_and_cluster(aws: Aws) -> None:
    launched = aws.launch(MIXER)

    with pytest.raises(InstanceStillTerminating):
        aws.terminate("mixer-1f0c9a2e")
    removed = aws.terminate("mixer-1f0c9a2e")

    assert removed == {
        "instanceName": "mixer-1f0c9a2e",
        "instanceIds": [launched["instanceId"]],
        "clusters": ["mixer-1f0c9a2e"],
    }
    assert [instance["State"]["Name"] for instance in aws.instances()] == ["terminated"]
    assert aws.active_clusters() == []


def test_already_gone_is_success(aws: Aws) -> None:
    aws.launch(MIXER)
    with pytest.raises(InstanceStillTerminating):
        aws.terminate("mixer-1f0c9a2e")
    aws.terminate("mixer-1f0c9a2e")
    assert aws.terminate("mixer-1f0c9a2e")["instanceName"] == "mixer-1f0c9a2e"


def test_what_never_was_is_success(aws: Aws) -> None:
    assert aws.terminate("never") == {"instanceName": "never", "instanceIds": [], "clusters": []}


def test_half_made_is_removed_too(aws: Aws) -> None:
    aws.ecs.create_cluster(clusterName="half", tags=[{"key": tags.STACK, "value": "organist"}])
    assert aws.terminate("half")["clusters"] == ["half"]
    assert aws.active_clusters() == []


def test_another_stacks_machine_of_the_same_name_stays(aws: Aws) -> None:
    aws.launch(MIXER)
    removed = terminate_instance("mixer-1f0c9a2e", "another-stack", aws.ec2, aws.ecs)
    assert removed["clusters"] == []
    assert aws.instances()[0]["State"]["Name"] == "running"
    assert aws.active_clusters() == ["mixer-1f0c9a2e"]


@pytest.mark.parametrize(
    ("owner", "told"),
    [([{"key": tags.STACK, "value": "another"}], "of the stack another"), ([], "organist did not make")],
)
def test_a_name_that_somebody_elses_cluster_has_is_refused_before_anything_is_launched(
    aws: Aws, owner: Any, told: str
) -> None:
    aws.ecs.create_cluster(clusterName="mixer-1f0c9a2e", tags=owner)
    with pytest.raises(InstanceNameTaken, match=told):
        aws.launch(MIXER)
    assert aws.instances() == []


def test_an_occupied_cluster_is_asked_for_again(aws: Aws) -> None:
    with Stubber(aws.ecs) as stub:
        stub.add_client_error("delete_cluster", "ClusterContainsContainerInstancesException")
        with pytest.raises(ClusterStillOccupied):
            delete_cluster("mixer-1f0c9a2e", aws.ecs)


def test_a_cluster_that_went_with_a_lost_answer_is_deleted_though_the_second_attempt_is_denied(
    aws: Aws,
) -> None:
    with Stubber(aws.ecs) as stub:
        stub.add_client_error("delete_cluster", "AccessDeniedException")
        stub.add_response("describe_clusters", {"clusters": [{"status": "INACTIVE"}]})
        delete_cluster("mixer-1f0c9a2e", aws.ecs)
        stub.assert_no_pending_responses()


def test_a_cluster_that_may_not_be_deleted_is_told(aws: Aws) -> None:
    with Stubber(aws.ecs) as stub:
        stub.add_client_error("delete_cluster", "AccessDeniedException")
        stub.add_response("describe_clusters", {"clusters": [{"status": "ACTIVE"}]})
        with pytest.raises(ClientError, match="AccessDenied"):
            delete_cluster("mixer-1f0c9a2e", aws.ecs)
