"""RunTask: where a task is placed, why it is not, and that it is placed once."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from tests.contract.machines import SLEEP, Member


def test_memory_and_ports_are_taken_and_given_back(member: Member) -> None:
    def remaining() -> dict[str, Any]:
        return {one["name"]: one for one in member.describe()["remainingResources"]}

    before = remaining()
    big = member.define(SLEEP, memoryReservation=3000)
    ports = [
        {"containerPort": 1880, "hostPort": 1880, "protocol": "tcp"},
        {"containerPort": 9710, "hostPort": 9710, "protocol": "udp"},
    ]
    with_ports = member.define(SLEEP, portMappings=ports)
    udp_only = member.define(
        "pass", portMappings=[{"containerPort": 1880, "hostPort": 1880, "protocol": "udp"}]
    )
    first, second = member.run(big), member.run(with_ports)
    assert before["MEMORY"]["integerValue"] - remaining()["MEMORY"]["integerValue"] == 3128
    assert "1880" in remaining()["PORTS"]["stringSetValue"]
    assert remaining()["PORTS_UDP"]["stringSetValue"] == ["9710"]
    for definition, reason in ((big, "RESOURCE:MEMORY"), (with_ports, "RESOURCE:PORTS")):
        answer = member.ecs.run_task(cluster=member.cluster, taskDefinition=definition)
        assert answer["tasks"] == []
        assert [(one["arn"], one["reason"]) for one in answer["failures"]] == [(member.arn, reason)]
    member.until_status(member.run(udp_only), "STOPPED")
    for arn in (first, second):
        member.ecs.stop_task(cluster=member.cluster, task=arn)
        member.until_status(arn, "STOPPED")
    assert remaining() == before
    third = member.run(with_ports)
    member.ecs.stop_task(cluster=member.cluster, task=third)


def test_a_cluster_without_machines_takes_no_task(cloud: LocalCloud, member: Member) -> None:
    ecs = cloud.client("ecs")
    ecs.create_cluster(clusterName="no-machines")
    with pytest.raises(ClientError) as error:
        ecs.run_task(cluster="no-machines", taskDefinition=member.define("pass"))
    assert error.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": "No Container Instances were found in your cluster.",
    }
    ecs.delete_cluster(cluster="no-machines")


def test_same_token_same_task_other_parameters_a_conflict(member: Member) -> None:
    definition = member.define(SLEEP)
    arn = member.run(definition, clientToken="once")
    assert member.run(definition, clientToken="once") == arn
    with pytest.raises(ClientError) as error:
        member.run(definition, clientToken="once", startedBy="another")
    assert error.value.response["Error"]["Code"] == "ConflictException"
    other = member.run(definition, clientToken="twice")
    assert other != arn
    for one in (arn, other):
        member.ecs.stop_task(cluster=member.cluster, task=one)


def test_a_token_whose_task_found_no_place_can_be_used_again(member: Member) -> None:
    big = member.define(SLEEP, memoryReservation=3000)
    first = member.run(big)
    where = {"cluster": member.cluster, "taskDefinition": big, "clientToken": "later"}
    assert member.ecs.run_task(**where)["failures"]
    member.ecs.stop_task(cluster=member.cluster, task=first)
    member.until_status(first, "STOPPED")
    second = member.ecs.run_task(**where)["tasks"][0]["taskArn"]
    member.ecs.stop_task(cluster=member.cluster, task=second)


def test_unknown_definition_task_and_container_are_named(member: Member) -> None:
    with pytest.raises(ClientError) as error:
        member.ecs.run_task(cluster=member.cluster, taskDefinition="never-was")
    assert error.value.response["Error"]["Code"] == "ClientException"
    answer = member.ecs.describe_tasks(cluster=member.cluster, tasks=["0" * 32])
    assert [one["reason"] for one in answer["failures"]] == ["MISSING"]
    with pytest.raises(ClientError, match="container named other"):
        member.run(member.define("pass"), overrides={"containerOverrides": [{"name": "other"}]})


UNSATISFIED = "MemberOf placement constraint unsatisfied."


def only_on(instance_id: str) -> list[dict[str, str]]:
    return [{"type": "memberOf", "expression": f"ec2InstanceId == {instance_id}"}]


def test_a_task_runs_on_the_one_machine_that_its_constraint_names(member: Member) -> None:
    definition = member.define(SLEEP)
    arn = member.run(definition, placementConstraints=only_on(member.instance_id))
    assert member.task(arn)["containerInstanceArn"] == member.arn
    where = {"cluster": member.cluster, "taskDefinition": definition}
    answer = member.ecs.run_task(**where, placementConstraints=only_on("i-0123456789abcdef0"))
    assert answer["tasks"] == []
    assert answer["failures"] == [{"arn": member.arn, "reason": UNSATISFIED}]
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    member.until_status(arn, "STOPPED")


def test_another_machine_that_is_full_is_told_of_as_full_before_its_constraint_is_looked_at(
    member: Member,
) -> None:
    big = member.define(SLEEP, memoryReservation=3000)
    first = member.run(big)
    where = {"cluster": member.cluster, "taskDefinition": big}
    answer = member.ecs.run_task(**where, placementConstraints=only_on("i-0123456789abcdef0"))
    assert answer["failures"] == [{"arn": member.arn, "reason": "RESOURCE:MEMORY"}]
    member.ecs.stop_task(cluster=member.cluster, task=first)
    member.until_status(first, "STOPPED")


def test_container_instances_are_found_by_their_ec2_instance_and_their_agent(member: Member) -> None:
    def found(query: str) -> list[str]:
        answer = member.ecs.list_container_instances(cluster=member.cluster, filter=query)
        return list(answer["containerInstanceArns"])

    assert found(f"ec2InstanceId in [i-0123456789abcdef0, {member.instance_id}]") == [member.arn]
    assert found("ec2InstanceId in [i-0123456789abcdef0]") == []
    assert found("agentConnected == true") == [member.arn]
    assert found("agentConnected == false") == []
    with pytest.raises(ClientError, match="Invalid expression"):
        found("ec2InstanceId is mine")
