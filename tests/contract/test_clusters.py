"""ECS clusters and container instances as the project's functions see them."""

import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from tests.contract.machines import Member, launch, terminate, user_data
from tests.support.waiting import wait_until


@pytest.fixture
def member(cloud: LocalCloud) -> Iterator[Member]:
    joined = Member(cloud)
    yield joined
    joined.end()


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """The API's error code."""
    return str(error.value.response["Error"]["Code"])


def test_a_machine_joins_its_cluster_with_its_memory_and_cpu(member: Member) -> None:
    seen = member.describe()
    assert seen["status"] == "ACTIVE"
    assert seen["agentConnected"] is True
    assert seen["ec2InstanceId"] == member.instance_id
    resources = {one["name"]: one for one in seen["registeredResources"]}
    assert resources["CPU"]["integerValue"] == 2048
    assert 0.9 * 4096 < resources["MEMORY"]["integerValue"] < 4096
    assert "22" in resources["PORTS"]["stringSetValue"]
    assert {one["name"]: one["value"] for one in seen["attributes"]}["ecs.instance-type"] == "t3.medium"


def test_an_agent_tries_until_its_cluster_is_there(cloud: LocalCloud) -> None:
    ecs = cloud.client("ecs")
    machine = launch(cloud, script=user_data("comes-late"))["InstanceId"]
    wait_until(
        lambda: cloud.client("ec2").describe_instance_status(InstanceIds=[machine])["InstanceStatuses"]
    )
    time.sleep(0.3)  # some attempts that find nothing
    ecs.create_cluster(clusterName="comes-late")
    arn = wait_until(lambda: ecs.list_container_instances(cluster="comes-late")["containerInstanceArns"])[0]
    ecs.deregister_container_instance(cluster="comes-late", containerInstance=arn)
    ecs.delete_cluster(cluster="comes-late")
    terminate(cloud, machine)


def test_creating_a_cluster_twice_gives_the_one_that_is_there(member: Member) -> None:
    again = member.ecs.create_cluster(clusterName=member.cluster)["cluster"]
    assert again["registeredContainerInstancesCount"] == 1


def test_deleted_and_unknown_clusters(cloud: LocalCloud) -> None:
    ecs = cloud.client("ecs")
    arn = ecs.create_cluster(clusterName="short-lived", tags=[{"key": "k", "value": "v"}])["cluster"][
        "clusterArn"
    ]
    assert arn in ecs.list_clusters()["clusterArns"]
    described = ecs.describe_clusters(clusters=["short-lived"], include=["TAGS"])["clusters"][0]
    assert described["tags"] == [{"key": "k", "value": "v"}]
    assert ecs.delete_cluster(cluster="short-lived")["cluster"]["status"] == "INACTIVE"
    answer = ecs.describe_clusters(clusters=["short-lived", "never-was"])
    assert [one["status"] for one in answer["clusters"]] == ["INACTIVE"]
    assert [(one["arn"].rsplit("/")[-1], one["reason"]) for one in answer["failures"]] == [
        ("never-was", "MISSING")
    ]
    assert arn not in ecs.list_clusters()["clusterArns"]
    for name in ("short-lived", "never-was"):
        with pytest.raises(ClientError) as error:
            ecs.list_tasks(cluster=name)
        assert code_of(error) == "ClusterNotFoundException"
    with pytest.raises(ClientError) as error:
        ecs.delete_cluster(cluster="never-was")
    assert code_of(error) == "ClusterNotFoundException"


def test_a_cluster_with_a_container_instance_cannot_be_deleted(member: Member) -> None:
    with pytest.raises(ClientError) as error:
        member.ecs.delete_cluster(cluster=member.cluster)
    assert code_of(error) == "ClusterContainsContainerInstancesException"


def test_a_cluster_with_a_task_cannot_be_deleted(cloud: LocalCloud) -> None:
    member = Member(cloud)
    task = member.run(member.define("import time; time.sleep(60)"))
    member.until_status(task, "RUNNING")
    terminating = member.ecs.stop_task(cluster=member.cluster, task=task)
    assert terminating["task"]["desiredStatus"] == "STOPPED"
    member.until_status(task, "STOPPED")
    member.end()
    assert member.ecs.describe_clusters(clusters=[member.cluster])["clusters"][0]["status"] == "INACTIVE"


def test_a_container_instance_with_tasks_is_deregistered_by_force_only(member: Member) -> None:
    task = member.run(member.define("import time; time.sleep(60)"))
    member.until_status(task, "RUNNING")
    where = {"cluster": member.cluster, "containerInstance": member.arn}
    with pytest.raises(ClientError) as error:
        member.ecs.deregister_container_instance(**where)
    assert code_of(error) == "InvalidParameterException"
    assert "running tasks" in str(error.value)
    gone = member.ecs.deregister_container_instance(**where, force=True)["containerInstance"]
    assert gone["status"] == "INACTIVE"
    assert member.list() == []
    seen = member.task(task)
    assert (seen["lastStatus"], seen["stoppedReason"]) == (
        "STOPPED",
        "Container instance deregistered forcibly by user",
    )
    failures = member.ecs.describe_container_instances(
        cluster=member.cluster, containerInstances=[member.arn]
    )["failures"]
    assert [one["reason"] for one in failures] == ["MISSING"]


def test_a_deregistered_machine_does_not_join_again(member: Member) -> None:
    member.ecs.deregister_container_instance(cluster=member.cluster, containerInstance=member.arn)
    time.sleep(0.4)  # four times what a join takes
    assert member.list() == []


def test_a_host_that_dies_registered_lingers_and_blocks_its_cluster(cloud: LocalCloud) -> None:
    member = Member(cloud)
    task = member.run(member.define("import time; time.sleep(60)"))
    member.until_status(task, "RUNNING")
    terminate(cloud, member.instance_id)
    seen = member.describe()
    assert (seen["status"], seen["agentConnected"]) == ("ACTIVE", False)
    stopped = member.task(task)
    assert stopped["lastStatus"] == "STOPPED"
    assert stopped["stoppedReason"] == f"Host EC2 (instance {member.instance_id}) terminated."
    with pytest.raises(ClientError) as error:
        member.ecs.delete_cluster(cluster=member.cluster)
    assert code_of(error) == "ClusterContainsContainerInstancesException"
    refused = member.ecs.run_task(cluster=member.cluster, taskDefinition=member.define("pass"))
    assert [one["reason"] for one in refused["failures"]] == ["AGENT"]
    wait_until(lambda: member.list() == [])
    member.ecs.delete_cluster(cluster=member.cluster)


def test_draining_takes_no_more_tasks(member: Member) -> None:
    member.ecs.update_container_instances_state(
        cluster=member.cluster, containerInstances=[member.arn], status="DRAINING"
    )
    assert member.describe()["status"] == "DRAINING"
    with pytest.raises(ClientError, match="No Container Instances were found in your cluster"):
        member.ecs.run_task(cluster=member.cluster, taskDefinition=member.define("pass"))
