"""`organist doctor` on a local cloud, whole: green as deployed, red by name where something is broken."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from local_cloud.cloud import LocalCloud
from local_cloud.provisioning.provision import STACK_NAME
from local_cloud.settings import LocalCloudSettings
from organist.app import app

DAY_SECONDS = 24 * 3600
CHECKS = {"functions", "permissions", "network", "types", "quotas", "image", "logs", "alarms"}
NOT_HERE = {"quotas", "image", "alarms"}


class Clock:
    """The account's clock, which a test can put forward."""

    days = 0

    def __call__(self) -> float:
        return time.time() + self.days * DAY_SECONDS


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[LocalCloud]:
    """A local cloud as `organist local` has it."""
    with LocalCloud(LocalCloudSettings(data_dir=tmp_path_factory.mktemp("cloud"), clock=clock)) as running:
        yield running


def doctor(cloud: LocalCloud, *options: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    ran = CliRunner().invoke(app, ["doctor", "--endpoint-url", cloud.endpoint, *options])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.output


def findings(cloud: LocalCloud) -> tuple[int, list[dict[str, str]]]:
    """Run the command; return its exit code and what it found."""
    code, printed = doctor(cloud, "--json")
    return code, json.loads(printed)["findings"]


def failed(found: list[dict[str, str]]) -> list[dict[str, str]]:
    return [one for one in found if one["state"] in ("fail", "warn")]


@contextmanager
def restricted(cloud: LocalCloud, role: str, action: str, resource: str) -> Iterator[None]:
    """Let a role do something elsewhere only, as a wrong policy has it."""
    iam, name = cloud.client("iam"), f"{STACK_NAME}-{role}"
    policies = {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    ((policy, own),) = [
        (policy, document)
        for policy, document in policies.items()
        if any(action in (one["Action"], *one["Action"]) for one in document["Statement"])
    ]

    def put(statements: Any) -> None:
        document = json.dumps({**own, "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)

    put(
        [
            {**one, "Resource": resource} if action in (one["Action"], *one["Action"]) else one
            for one in own["Statement"]
        ]
    )
    try:
        yield
    finally:
        put(own["Statement"])


def test_a_deployment_that_can_produce_is_green_and_says_what_is_not_asked(cloud: LocalCloud) -> None:
    code, found = findings(cloud)
    assert code == 0
    assert {one["check"] for one in found} == CHECKS
    assert {one["state"] for one in found} == {"ok", "not asked"}
    assert {one["check"] for one in found if one["state"] == "not asked"} == NOT_HERE
    assert all("not to be asked here" in one["message"] for one in found if one["state"] == "not asked")


def test_the_table_says_the_same(cloud: LocalCloud) -> None:
    code, printed = doctor(cloud)
    assert code == 0
    assert "newInstance: may do what productions need of it" in printed
    assert printed.endswith("Nothing found that keeps a production from running.\n")


@pytest.mark.parametrize(
    ("role", "function", "action", "resource", "asked"),
    [
        (
            *("TerminateInstanceRole", "terminateInstance", "ecs:ListTasks"),
            *("arn:aws:ecs:eu-west-1:123456789012:cluster/*", "container-instance/organist-Cluster/"),
        ),
        (
            *("NewInstanceRole", "newInstance", "iam:PassRole"),
            *("arn:aws:iam::123456789012:role/another", "role/organist-InstanceRole"),
        ),
        (
            *("InstanceRole", "the machines", "ecs:Poll"),
            *("arn:aws:ecs:eu-west-1:123456789012:cluster/*", "container-instance/organist-Cluster/"),
        ),
        (
            *("DynamicNTSRole", "the state machine", "lambda:InvokeFunction"),
            *("arn:aws:lambda:eu-west-1:123456789012:function:makeAMix", "function:newInstance"),
        ),
    ],
)
def test_a_role_that_lacks_something_is_named_with_it(
    cloud: LocalCloud, role: str, function: str, action: str, resource: str, asked: str
) -> None:
    with restricted(cloud, role, action, resource):
        code, found = findings(cloud)
    assert code == 1
    red = failed(found)
    assert {one["state"] for one in red} == {"fail"}
    assert f"{function}: {action}" in {one["what"] for one in red}
    assert any(asked in one["message"] and f"{STACK_NAME}-{role}" in one["message"] for one in red)
    assert all("template.yaml" in one["advice"] for one in red)
    assert findings(cloud)[0] == 0, "the role is as it was"


def test_a_log_group_that_was_removed_is_named(cloud: LocalCloud) -> None:
    cloud.client("logs").delete_log_group(logGroupName="NTS")
    code, found = findings(cloud)
    cloud.client("logs").create_log_group(logGroupName="NTS")
    (red,) = failed(found)
    assert (code, red["check"], red["what"]) == (1, "logs", "NTS")


def test_a_route_that_was_removed_is_told_of_each_subnet(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2")
    (table,) = ec2.describe_route_tables()["RouteTables"]
    (route,) = [one for one in table["Routes"] if one.get("DestinationCidrBlock") == "0.0.0.0/0"]
    where = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.delete_route(**where)
    code, found = findings(cloud)
    ec2.create_route(**where, GatewayId=route["GatewayId"])
    assert code == 1
    assert {one["check"] for one in failed(found)} == {"network"}
    assert len(failed(found)) == len(ec2.describe_subnets()["Subnets"])


def test_functions_that_sleep_are_no_fault(cloud: LocalCloud, clock: Clock) -> None:
    clock.days = 15
    code, found = findings(cloud)
    clock.days = 0
    sleeping = {one["what"] for one in found if "Inactive" in one["message"]}
    assert code == 0
    assert sleeping == {"installNodeREDModule", "deployNodeREDModule", "checkProduction"}


def test_an_operation_that_the_cloud_refuses_is_told_on_its_line(cloud: LocalCloud) -> None:
    """A policy that the evaluator does not know is an error, never a yes, and no traceback."""
    unknown = "arn:aws:ecs:eu-west-1:123456789012:task/${aws:username}"
    with restricted(cloud, "TerminateInstanceRole", "ecs:StopTask", unknown):
        code, found = findings(cloud)
    (red,) = failed(found)
    assert (code, red["check"], red["what"]) == (1, "permissions", "all")
    assert "aws:username" in red["message"]
