"""Before and after an update: what still runs, and the clusters of the deployments of old."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from lambdas.aws import tags
from organist.account.aws_account import Account
from organist.account.deployed_stack import DeployedStack
from organist.account.productions_end import ProductionsRunning
from organist.account.quiet_stack import check_quiet
from organist.deploy.checks.old_clusters import USES, remove_old_clusters
from tests.unit.organist.conftest import account_of

Stubs = Callable[[str], tuple[Any, Stubber]]
STACK = DeployedStack("studio", {"StateMachineArn": "arn:machine"})
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:dynamicNTS:a"
OF_CLOUDFORMATION = {"aws:cloudformation:stack-id": "arn:aws:cloudformation:eu-west-1:1:stack/studio/1"}


class Executions:
    """Step Functions whose executions end one a look."""

    def __init__(self, *running: str) -> None:
        self._running = list(running)

    def get_paginator(self, _: str) -> "Executions":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"executions": [{"executionArn": arn} for arn in self._running]}]

    def one_ends(self) -> None:
        self._running.pop()


def launch(account: Account, stack: str, name: str) -> None:
    pairs = [{"Key": tags.STACK, "Value": stack}, {"Key": tags.NAME, "Value": name}]
    marks: Any = [{"ResourceType": "instance", "Tags": pairs}]
    account.ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=marks,
    )


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_executions_and_this_stacks_machines_are_named(moto_account: Account) -> None:
    launch(moto_account, "studio", "by-hand")
    launch(moto_account, "another", "theirs")
    account = account_of(ec2=moto_account.ec2, stepfunctions=Executions(EXECUTION))
    with pytest.raises(ProductionsRunning) as refused:
        check_quiet(account, STACK, print, lambda: None, wait=False)
    assert f"{EXECUTION}, by-hand." in str(refused.value)
    assert "theirs" not in str(refused.value)


def test_waiting_tells_each_change_once(moto_account: Account) -> None:
    executions = Executions("a", "b")
    account = account_of(ec2=moto_account.ec2, stepfunctions=executions)
    message: list[str] = []
    sleeps: list[int] = []

    def sleep() -> None:
        sleeps.append(1)
        if len(sleeps) > 1:
            executions.one_ends()

    check_quiet(account, STACK, message.append, sleep, wait=True)
    assert message == [
        "Waiting until nothing runs any more: a, b",
        "Waiting until nothing runs any more: a",
    ]


def test_a_stack_in_which_nothing_runs_is_updated_at_once(moto_account: Account) -> None:
    account = account_of(ec2=moto_account.ec2, stepfunctions=Executions())
    check_quiet(account, STACK, print, lambda: pytest.fail("waited"), wait=False)


def make_cluster(account: Account, name: str, **marks: str) -> None:
    account.ecs.create_cluster(
        clusterName=name, tags=[{"key": key, "value": value} for key, value in marks.items()]
    )


def test_only_the_old_clusters_of_this_stack_go(moto_account: Account) -> None:
    studio = {tags.STACK: "studio"}
    for name in ("mixer-1f", "encoder-1f"):
        make_cluster(moto_account, name, **studio)
    kept = {
        "studio-Cluster": studio,
        "theirs-1f": {tags.STACK: "another"},
        "somebodys": {},
        "nested": {**studio, **OF_CLOUDFORMATION},
    }
    for name, marks in kept.items():
        make_cluster(moto_account, name, **marks)
    message: list[str] = []
    remove_old_clusters(moto_account.ecs, "studio", "studio-Cluster", message.append)
    # moto lists deleted ones, too.
    every = moto_account.ecs.describe_clusters(clusters=["mixer-1f", "encoder-1f", *kept])["clusters"]
    assert {one["clusterName"] for one in every if one["status"] == "ACTIVE"} == set(kept)
    assert sorted(line.split()[3] for line in message) == ["encoder-1f", "mixer-1f"]


def cluster(**more: Any) -> dict[str, Any]:
    arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/mixer-1f"
    marks = [{"key": tags.STACK, "value": "studio"}]
    return {"clusterName": "mixer-1f", "clusterArn": arn, "status": "ACTIVE", "tags": marks, **more}


@pytest.mark.parametrize("use", USES)
def test_a_cluster_that_is_not_empty_stays_and_is_named(stubs: Stubs, use: str) -> None:
    ecs, stubber = stubs("ecs")
    found = cluster(**{use: 1})
    stubber.add_response("list_clusters", {"clusterArns": [found["clusterArn"]]})
    asked = {"clusters": [found["clusterArn"]], "include": ["TAGS"]}
    stubber.add_response("describe_clusters", {"clusters": [found]}, asked)
    message: list[str] = []
    remove_old_clusters(ecs, "studio", "studio-Cluster", message.append)
    assert message == [
        "The old cluster mixer-1f stays: something is registered in it. Deploy again in 20 minutes."
    ]


def test_a_cluster_that_ecs_does_not_delete_yet_is_named(stubs: Stubs) -> None:
    ecs, stubber = stubs("ecs")
    stubber.add_response("list_clusters", {"clusterArns": [cluster()["clusterArn"]]})
    stubber.add_response("describe_clusters", {"clusters": [cluster(), cluster(status="INACTIVE")]})
    stubber.add_client_error(
        "delete_cluster", "UpdateInProgressException", expected_params={"cluster": "mixer-1f"}
    )
    message: list[str] = []
    remove_old_clusters(ecs, "studio", "studio-Cluster", message.append)
    assert message == [
        "The old cluster mixer-1f stays: UpdateInProgressException. Deploy again to remove it."
    ]
