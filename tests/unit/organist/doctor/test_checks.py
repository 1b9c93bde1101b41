"""Each of the other checks: what it asks, what it finds, and what it says to do."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from lambdas.production.machines.machine_fit import TypeFacts
from organist.account.deployed_stack import DeployedStack
from organist.account.quotas import CannotLaunch
from organist.doctor.alarm_mail import check_alarm_mail
from organist.doctor.checked_calls import STATE_MACHINE, CheckedCall
from organist.doctor.deployed_parts import read_parts
from organist.doctor.findings import Finding, FindingState
from organist.doctor.functions import check_functions
from organist.doctor.image import check_image
from organist.doctor.log_groups import check_log_groups
from organist.doctor.machine_types import check_offerings
from organist.doctor.network import check_network
from organist.doctor.placeholders import read_placeholders
from organist.doctor.quota_room import check_room
from tests.unit.organist.conftest import account_of
from tests.unit.organist.doctor.parts import MACHINE_ARN, ROLE, TASK_ARN, function, parts

Stubs = Callable[[str], tuple[Any, Stubber]]

DOCUMENT = {
    "mixParams": {"instanceName": "mixer", "instanceType": ["c7i.large", "c6i.large"]},
    "encodeParams": {"instanceName": "encoder", "instanceType": "c6i.large"},
}
SUBNETS = {"SubnetIds": ["subnet-a", "subnet-b"]}


def worst(findings: list[Finding]) -> Finding:
    """The one finding that is not well."""
    (found,) = [one for one in findings if one.state in (FindingState.WARNING, FindingState.FAILED)]
    return found


def test_functions_that_are_active_are_one_line() -> None:
    assert check_functions(account_of(), parts()) == [
        Finding("functions", "all", FindingState.OK, "3 of 3 are Active")
    ]


@pytest.mark.parametrize(
    ("message", "state", "words"),
    [
        ({"State": "Inactive"}, FindingState.OK, "it sleeps, and the next production wakes it"),
        ({"State": "Pending"}, FindingState.WARNING, "it is being made"),
        ({"State": "Failed", "StateReason": "no subnet"}, FindingState.FAILED, "Failed: no subnet"),
        ({"LastUpdateStatus": "InProgress"}, FindingState.WARNING, "it is being updated"),
        (
            {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no key"},
            FindingState.FAILED,
            "its last update failed: no key",
        ),
    ],
)
def test_any_other_function_is_named(message: dict[str, str], state: FindingState, words: str) -> None:
    summary, found = check_functions(account_of(), parts(makeAMix=function("makeAMix", **message)))
    assert summary.message == "3 of 4 are Active"
    assert (found.what, found.state) == ("test-makeAMix", state)
    assert words in found.message
    assert bool(found.advice) == (state is not FindingState.OK)


def test_a_function_that_is_gone_is_named() -> None:
    found = worst(check_functions(account_of(), parts(makeAMix=None)))
    assert (found.what, found.state, found.message) == (
        "test-makeAMix",
        FindingState.FAILED,
        "it is not there",
    )


def test_the_functions_are_those_that_the_state_machine_invokes_and_the_reaper(stubs: Stubs) -> None:
    functions, stubber = stubs("lambda")
    stubber.add_response(
        "get_function_configuration", function("makeAMix"), {"FunctionName": "test-makeAMix"}
    )
    stubber.add_client_error(
        "get_function_configuration",
        "ResourceNotFoundException",
        expected_params={"FunctionName": "test-reapInstances"},
    )
    machines, machine_stubber = stubs("stepfunctions")
    machine = {
        "stateMachineArn": MACHINE_ARN,
        "name": "test-dynamicNTS",
        "definition": "{}",
        "roleArn": ROLE,
        "type": "STANDARD",
        "creationDate": 0,
    }
    machine_stubber.add_response("describe_state_machine", machine, {"stateMachineArn": MACHINE_ARN})
    calls = [
        CheckedCall(STATE_MACHINE, "lambda:InvokeFunction", "arn:…:function:${NamePrefix}makeAMix"),
        CheckedCall("newInstance", "ec2:DescribeInstances", "*"),
    ]
    stack = DeployedStack("ours", {"StateMachineArn": MACHINE_ARN})
    found = read_parts(account_of(functions=functions, stepfunctions=machines), stack, calls)
    assert found.prefix == "test-"
    assert found.functions["reapInstances"] is None
    assert found.functions["makeAMix"]
    assert not found.is_whole


def test_placeholders_stand_for_what_the_functions_use(stubs: Stubs) -> None:
    ec2, stubber = stubs("ec2")
    profile = "arn:aws:iam::123456789012:instance-profile/ours-Profile"
    data = {"SecurityGroupIds": ["sg-1"], "IamInstanceProfile": {"Arn": profile}}
    stubber.add_response(
        "describe_launch_template_versions",
        {"LaunchTemplateVersions": [{"LaunchTemplateData": data}]},
        {"LaunchTemplateId": "lt-1", "Versions": ["3"]},
    )
    stubber.add_response("describe_subnets", {"Subnets": [{"VpcId": "vpc-1"}, {"VpcId": "vpc-1"}]}, SUBNETS)
    ecs, ecs_stubber = stubs("ecs")
    task = {"taskRoleArn": f"{ROLE}task", "executionRoleArn": f"{ROLE}execution"}
    ecs_stubber.add_response(
        "describe_task_definition", {"taskDefinition": task}, {"taskDefinition": TASK_ARN}
    )
    iam, iam_stubber = stubs("iam")
    role = {"Path": "/", "RoleName": "machine", "RoleId": "A" * 16, "Arn": f"{ROLE}machine", "CreateDate": 0}
    answer = {
        "Path": "/",
        "InstanceProfileName": "ours-Profile",
        "InstanceProfileId": "A" * 16,
        "Arn": profile,
    }
    iam_stubber.add_response(
        "get_instance_profile",
        {"InstanceProfile": {**answer, "CreateDate": 0, "Roles": [role]}},
        {"InstanceProfileName": "ours-Profile"},
    )
    assert read_placeholders(account_of(ec2=ec2, ecs=ecs, iam=iam), parts()) == {
        "Region": ["eu-west-1"],
        "Account": ["123456789012"],
        "MediaBucket": [],
        "NamePrefix": ["test-"],
        "StackName": ["ours"],
        "Cluster": ["ours-Cluster"],
        "LaunchTemplate": ["lt-1"],
        "SecurityGroup": ["sg-1"],
        "Subnet": ["subnet-a", "subnet-b"],
        "Vpc": ["vpc-1"],
        "TaskDefinition": [TASK_ARN],
        "TaskRole": [f"{ROLE}task"],
        "TaskExecutionRole": [f"{ROLE}execution"],
        "InstanceRole": [f"{ROLE}machine"],
    }


def subnet(name: str, zone: str = "eu-west-1a", left: int = 100) -> dict[str, Any]:
    return {
        "SubnetId": name,
        "VpcId": "vpc-1",
        "AvailabilityZone": zone,
        "AvailabilityZoneId": "euw1-az1",
        "AvailableIpAddressCount": left,
        "MapPublicIpOnLaunch": True,
    }


def offering(stubs: Stubs, *offered: tuple[str, str]) -> Any:
    ec2, stubber = stubs("ec2")
    found = [subnet("subnet-a"), subnet("subnet-b", "eu-west-1b")]
    stubber.add_response("describe_subnets", {"Subnets": found}, SUBNETS)
    offerings = [{"InstanceType": kind, "Location": zone} for kind, zone in offered]
    stubber.add_response(
        "describe_instance_type_offerings",
        {"InstanceTypeOfferings": offerings},
        {
            "LocationType": "availability-zone",
            "Filters": [
                {"Name": "instance-type", "Values": ["c6i.large", "c7i.large"]},
                {"Name": "location", "Values": ["eu-west-1a", "eu-west-1b"]},
            ],
            "MaxResults": 1000,
        },
    )
    return account_of(ec2=ec2)


def test_types_are_looked_for_in_the_stacks_zones(stubs: Stubs) -> None:
    account = offering(stubs, ("c6i.large", "eu-west-1b"), ("c7i.large", "eu-west-1a"))
    mixer, encoder = check_offerings(account, parts(), DOCUMENT)
    assert (mixer.state, encoder.state) == (FindingState.OK, FindingState.OK)
    assert mixer.message == "c7i.large: eu-west-1a; c6i.large: eu-west-1b"


def test_a_type_that_no_zone_has_is_a_warning_where_there_is_another(stubs: Stubs) -> None:
    found = worst(check_offerings(offering(stubs, ("c6i.large", "eu-west-1b")), parts(), DOCUMENT))
    assert (found.what, found.state) == ("mixer", FindingState.WARNING)
    assert "c7i.large: in no zone" in found.message


def test_a_machine_that_no_zone_can_have_fails(stubs: Stubs) -> None:
    mixer, found = check_offerings(offering(stubs, ("c7i.large", "eu-west-1b")), parts(), DOCUMENT)
    assert (mixer.state, found.what, found.state) == (FindingState.WARNING, "encoder", FindingState.FAILED)
    assert found.message == "c6i.large: in no zone of the stack's (eu-west-1a, eu-west-1b)"
    assert "instanceType" in found.advice


@pytest.mark.parametrize(
    ("warnings", "state"), [([], FindingState.OK), (["could not be read"], FindingState.WARNING)]
)
def test_room_in_the_quotas_is_told(
    monkeypatch: pytest.MonkeyPatch, warnings: list[str], state: FindingState
) -> None:
    facts = {kind: TypeFacts(2, 4096, burstable=False) for kind in ("c7i.large", "c6i.large")}
    monkeypatch.setattr("organist.doctor.quota_room.check_types", lambda *_: facts)
    monkeypatch.setattr("organist.doctor.quota_room.check_quota", lambda *_: warnings)
    (found,) = check_room(account_of(ec2=None), parts(), DOCUMENT)
    assert found.state is state


def test_a_quota_that_is_too_small_fails_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise CannotLaunch("The quota is 2 vCPUs; ask for more. Nothing was started.")

    monkeypatch.setattr("organist.doctor.quota_room.check_types", refuse)
    (found,) = check_room(account_of(ec2=None), parts(), DOCUMENT)
    assert (found.state, found.message) == (FindingState.FAILED, "The quota is 2 vCPUs; ask for more.")


def network(stubs: Stubs, *subnets: dict[str, Any], block: str = "10.0.0.0/16", gone: bool = False) -> Any:
    ec2, stubber = stubs("ec2")
    stubber.add_response("describe_subnets", {"Subnets": list(subnets)}, SUBNETS)
    vpc = {"VpcId": "vpc-1", "CidrBlockAssociationSet": [{"CidrBlock": block}]}
    stubber.add_response("describe_vpcs", {"Vpcs": [vpc]}, {"VpcIds": ["vpc-1"]})
    route = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
    routes = [] if gone else [route]
    table = {"RouteTableId": "rtb-1", "Associations": [{"Main": True}], "Routes": routes}
    stubber.add_response("describe_route_tables", {"RouteTables": [table]})
    return account_of(ec2=ec2)


def test_a_subnet_that_does_is_told_with_its_addresses(stubs: Stubs) -> None:
    (found,) = check_network(network(stubs, subnet("subnet-a")), parts())
    assert (found.what, found.state) == ("subnet-a (eu-west-1a)", FindingState.OK)
    assert found.message == "leads to the internet, 100 addresses left"


@pytest.mark.parametrize(("left", "state"), [(7, FindingState.WARNING), (0, FindingState.FAILED)])
def test_few_addresses_are_told(stubs: Stubs, left: int, state: FindingState) -> None:
    found = worst(check_network(network(stubs, subnet("subnet-a", left=left)), parts()))
    assert found.state is state
    assert f"{left} addresses left" in found.message


def test_a_route_that_was_taken_away_and_docker_s_own_addresses_fail(stubs: Stubs) -> None:
    account = network(stubs, subnet("subnet-a"), block="172.17.0.0/16", gone=True)
    overlap, route = check_network(account, parts())
    assert (overlap.what, overlap.state) == ("vpc-1", FindingState.FAILED)
    assert route.state is FindingState.FAILED
    assert "has no route to 0.0.0.0/0" in route.message


def registry(stubs: Stubs, *there: str, asked: tuple[str, ...]) -> Any:
    ecs, ecs_stubber = stubs("ecs")
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ours:abc-x86_64"
    task = {"taskDefinition": {"containerDefinitions": [{"image": image}]}}
    ecs_stubber.add_response("describe_task_definition", task, {"taskDefinition": TASK_ARN})
    ecr, stubber = stubs("ecr")
    for tag in asked:
        expected = {"repositoryName": "ours", "imageIds": [{"imageTag": tag}]}
        if tag in there:
            details = {"imageDetails": [{"imageSizeInBytes": 7_000_000}]}
            stubber.add_response("describe_images", details, expected)
        else:
            stubber.add_client_error("describe_images", "ImageNotFoundException", expected_params=expected)
    return account_of(ecs=ecs, ecr=ecr)


REGISTRY = {"NodeREDRepositoryName": "ours"}


def test_an_image_is_looked_for_by_the_tag_of_the_task_definition(stubs: Stubs) -> None:
    account = registry(stubs, "abc-x86_64", asked=("abc-x86_64", "abc-arm64"))
    needed, spare = check_image(account, parts(REGISTRY))
    assert (needed.state, needed.message) == (FindingState.OK, "is there, 7 MB compressed")
    assert (spare.what, spare.state) == ("abc-arm64", FindingState.OK)
    assert "no production needs it" in spare.message


def test_an_image_that_tasks_need_fails_where_it_is_not_there(stubs: Stubs) -> None:
    account = registry(stubs, "abc-arm64", asked=("abc-x86_64", "abc-dynamorse", "abc-arm64"))
    variables = {"Environment": {"Variables": {"DYNAMORSE_IMAGE": "yes"}}}
    found = check_image(account, parts(REGISTRY, validateInput=function("validateInput", **variables)))
    assert [one.state for one in found] == [FindingState.FAILED, FindingState.FAILED, FindingState.OK]
    assert found[0].message == "is not in ours"


def logs(stubs: Stubs, *there: str) -> Any:
    ecs, ecs_stubber = stubs("ecs")
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "test-NTS"}}
    task = {"taskDefinition": {"containerDefinitions": [{"logConfiguration": log}, {"name": "silent"}]}}
    ecs_stubber.add_response("describe_task_definition", task, {"taskDefinition": TASK_ARN})
    client, stubber = stubs("logs")
    functions = [f"/aws/lambda/test-{name}" for name in ("newInstance", "startNodeRED", "validateInput")]
    for name in (*functions, "/aws/vendedlogs/states/test-dynamicNTS", "test-NTS"):
        groups = [{"logGroupName": f"{name}-older"}, *([{"logGroupName": name}] if name in there else [])]
        stubber.add_response("describe_log_groups", {"logGroups": groups}, {"logGroupNamePrefix": name})
    return account_of(ecs=ecs, logs=client)


LOGS = (
    *(f"/aws/lambda/test-{name}" for name in ("newInstance", "startNodeRED", "validateInput")),
    "/aws/vendedlogs/states/test-dynamicNTS",
    "test-NTS",
)


def test_log_groups_that_are_there_are_one_line(stubs: Stubs) -> None:
    assert check_log_groups(logs(stubs, *LOGS), parts()) == [
        Finding("logs", "all", FindingState.OK, "5 of 5 groups are there")
    ]


@pytest.mark.parametrize(
    ("gone", "state"), [(LOGS[0], FindingState.WARNING), ("test-NTS", FindingState.FAILED)]
)
def test_a_log_group_that_is_gone_is_named(stubs: Stubs, gone: str, state: FindingState) -> None:
    """Without the containers' own no container starts; a function runs without."""
    account = logs(stubs, *(name for name in LOGS if name != gone))
    found = worst(check_log_groups(account, parts()))
    assert (found.what, found.state) == (gone, state)
    assert found.advice.endswith(f"aws logs create-log-group --log-group-name {gone}")


def topic(stubs: Stubs, *subscriptions: dict[str, str]) -> Any:
    sns, stubber = stubs("sns")
    message = {"Subscriptions": list(subscriptions)}
    stubber.add_response("list_subscriptions_by_topic", message, {"TopicArn": "arn:topic"})
    return account_of(sns=sns)


@pytest.mark.parametrize(
    ("arn", "state", "words"),
    [
        ("arn:aws:sns:eu-west-1:123456789012:topic:1", FindingState.OK, "is confirmed"),
        ("PendingConfirmation", FindingState.WARNING, "is not confirmed: no alarm reaches it"),
        ("Deleted", FindingState.WARNING, "is Deleted: no alarm reaches it"),
    ],
)
def test_a_mail_address_is_confirmed_or_said_how(
    stubs: Stubs, arn: str, state: FindingState, words: str
) -> None:
    mail = {"Protocol": "email", "Endpoint": "a@example.org", "SubscriptionArn": arn}
    (found,) = check_alarm_mail(topic(stubs, mail), parts({"AlarmTopicArn": "arn:topic"}))
    assert (found.what, found.state, found.message) == ("a@example.org", state, words)
    assert ("aws sns subscribe" in found.advice) == (state is FindingState.WARNING)


def test_a_stack_that_mails_nobody_is_no_fault(stubs: Stubs) -> None:
    (found,) = check_alarm_mail(topic(stubs), parts({"AlarmTopicArn": "arn:topic"}))
    assert found.state is FindingState.OK
    assert "--alarm-email" in found.message
