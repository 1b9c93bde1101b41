"""explainFailure: the first of all failures, in words, with what AWS knows of the machine."""

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from lambdas.explain_failure import LONGEST_CAUSE, explain_failure, readable_cause
from lambdas.runtime.settings import ClusterSettings
from tests.unit.lambdas.conftest import CLUSTER

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

    from lambdas.runtime.settings import LaunchSettings


def failed(name: str, error: str, cause: str, at: str) -> dict[str, Any]:
    message = json.dumps({"errorType": error, "errorMessage": cause, "stackTrace": ["..."]})
    return {"instanceName": name, "error": {"Error": error, "Cause": message}, "failedAt": at}


def explain(state: dict[str, Any], ec2: "EC2Client", ecs: "ECSClient") -> dict[str, Any]:
    return explain_failure(state, ClusterSettings("organist", CLUSTER), ec2, ecs)


def test_the_first_failure_names_the_execution(ec2: "EC2Client", ecs: "ECSClient") -> None:
    state = {
        "machines": [
            failed("mixer-1", "ModuleInstallFailed", "it did not build.", "2026-11-22T19:00:09Z"),
            failed("encoder-1", "NodeREDStopped", "it ended.", "2026-11-22T19:00:04Z"),
        ]
    }
    explained = explain(state, ec2, ecs)
    assert explained["Error"] == "NodeREDStopped"
    assert explained["Cause"] == "encoder-1: it ended.\nThen: mixer-1: it did not build."


def test_a_failure_of_the_main_branch(ec2: "EC2Client", ecs: "ECSClient") -> None:
    state = {
        "failure": {"Error": "InvalidInput", "Cause": json.dumps({"errorMessage": "The input has 1 mistake"})}
    }
    assert explain(state, ec2, ecs) == {"Error": "InvalidInput", "Cause": "The input has 1 mistake"}


def test_what_ec2_and_ecs_know_is_added(
    ec2: "EC2Client", ecs: "ECSClient", launch_settings: "LaunchSettings"
) -> None:
    launched = ec2.run_instances(
        LaunchTemplate={"LaunchTemplateId": launch_settings.launch_template_id},
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [{"Key": "Name", "Value": "mixer-1"}, {"Key": "organist:stack", "Value": "organist"}],
            }
        ],
    )
    ec2.terminate_instances(InstanceIds=[launched["Instances"][0]["InstanceId"]])
    state = {"machines": [failed("mixer-1", "InstanceGone", "mixer-1 ended.", "2026-11-22T19:00:09Z")]}

    cause = explain(state, ec2, ecs)["Cause"]

    assert cause.startswith("mixer-1 ended.\nEC2 says that mixer-1 is terminated: User initiated")


def test_a_cause_stays_within_what_step_functions_takes(ec2: "EC2Client", ecs: "ECSClient") -> None:
    state = {"machines": [failed("mixer-1", "FlowRefused", "x" * 40000, "2026-11-22T19:00:09Z")]}
    assert len(explain(state, ec2, ecs)["Cause"]) == LONGEST_CAUSE


@pytest.mark.parametrize(
    ("cause", "readable"),
    [
        ('{"errorMessage": "told", "errorType": "X"}', "told"),
        ("no JSON", "no JSON"),
        ("[1]", "[1]"),
        ('{"other": 1}', '{"other": 1}'),
        ("", ""),
    ],
)
def test_a_cause_is_read_whatever_its_shape(cause: str, readable: str) -> None:
    assert readable_cause(cause) == readable


@pytest.mark.parametrize(
    ("status", "message"), [("STOPPED", "Node-RED on mixer-1 stopped: Essential"), ("RUNNING", "")]
)
def test_what_ecs_knows_of_the_machines_own_task(ec2: "EC2Client", status: str, message: str) -> None:
    ecs: Any = boto3.Session("testing", "testing", region_name="eu-west-1").client("ecs")
    task = {
        "lastStatus": status,
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "Node-RED", "exitCode": 137}],
    }
    machine = failed("mixer-1", "NodeREDUnreachable", "it does not answer.", "2026-11-22T19:00:09Z")
    machine["task"] = {"taskArn": "node-red", "containerInstanceArn": "host"}
    with Stubber(ecs) as stub:
        wanted = {"cluster": CLUSTER, "tasks": ["node-red"]}
        stub.add_response("describe_tasks", {"tasks": [task]}, wanted)
        cause = explain({"machines": [machine]}, ec2, ecs)["Cause"]
    assert message in cause
    assert ("exited with 137" in cause) == bool(message)


def test_a_machine_without_a_task_is_asked_about_nowhere(ec2: "EC2Client") -> None:
    ecs: Any = boto3.Session("testing", "testing", region_name="eu-west-1").client("ecs")
    with Stubber(ecs):  # any call is an error
        state = {"machines": [failed("mixer-1", "InstanceGone", "it ended.", "2026-11-22T19:00:09Z")]}
        assert explain(state, ec2, ecs)["Cause"] == "mixer-1: it ended."
