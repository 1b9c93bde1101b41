"""The whole way on ministack: plan, deploy, deploy again, a production, destroy, nothing left."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from organist.account.aws_account import Account
from organist.account.deployed_stack import describe_stack, find_stack, parameter_value, stack_outputs
from organist.account.productions_end import ProductionsRunning
from organist.deploy.options.deployment_options import DeploymentRefused
from organist.deploy.options.monitoring_options import MonitoringOptions
from organist.deploy.package.uploads import FOLDER
from organist.repository import EXAMPLE_INPUT
from tests.deploy.account_contents import everything
from tests.deploy.conftest import BUCKET, Ran
from tests.support.waiting import wait_until

Deploy = Callable[..., Ran]
Destroy = Callable[..., Ran]
PRODUCTION_SECONDS = 40.0


def wait_for_end(account: Account, arn: str) -> str:
    """Wait until an execution has ended; return its status."""

    def ended() -> str:
        status: str = account.stepfunctions.describe_execution(executionArn=arn)["status"]
        return "" if status == "RUNNING" else status

    return wait_until(ended, PRODUCTION_SECONDS)


def entered(account: Account, arn: str) -> list[str]:
    """Return the names of the states that an execution entered, in their order."""
    pages = account.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    return [
        event["stateEnteredEventDetails"]["name"]
        for page in pages
        for event in page["events"]
        if "stateEnteredEventDetails" in event
    ]


def tags_of(account: Account, stack: str) -> set[str]:
    """The tags in the stack's registry."""
    repository = stack_outputs(describe_stack(account, stack) or {})["NodeREDRepositoryName"]
    return {image["imageTag"] for image in account.ecr.list_images(repositoryName=repository)["imageIds"]}


def test_a_stack_from_plan_to_nothing_left(
    account: Account, deploy: Deploy, destroy: Destroy, stack: str
) -> None:
    before = everything(account)

    planned = deploy(plan=True, stack=stack)
    assert planned.code == 0
    assert "AWS::StepFunctions::StateMachine" in planned.text
    assert "nothing was changed" in planned.text
    assert everything(account) == before

    first = deploy(stack=stack)
    assert first.code == 0, first.text
    assert "there already" in first.text, "the plan's uploads are used again"
    assert "The Node-RED image is built now" in first.text
    arn = find_stack(account, stack).state_machine_arn
    assert f"aws stepfunctions start-execution --endpoint-url {account.endpoint_url}" in first.text
    assert f"--state-machine-arn {arn} --input file://step_functions/mediaInput.json" in first.text
    assert f"/states/home?region=eu-west-1#/statemachines/view/{arn}" in first.text
    assert re.search(r"newInstance: may do what productions need of it \(\d+ asked\)", first.text)
    assert "Nothing found that keeps a production from running." in first.text
    deployed = everything(account)
    assert re.search(r"image [0-9a-f]{32}-x86_64: \d+ MB compressed", first.text)
    assert {name.rpartition("-")[2] for name in tags_of(account, stack)} == {"x86_64", "arm64"}

    assert shown_events(account, "terminateInstance") == {"organist": {"value": {"instanceName": "by-hand"}}}

    second = deploy(stack=stack)
    assert second.code == 0
    assert "Nothing changed" in second.text
    assert "uploaded" not in second.text
    assert "image is built" not in second.text
    assert everything(account) == deployed

    produce(account, arn)
    launch_by_hand(account)
    with pytest.raises(ProductionsRunning, match="by-hand"):
        destroy(stack)
    assert everything(account) >= deployed

    gone = destroy(stack, force=True, remove_uploads=True)
    assert gone.code == 0, gone.text
    assert f"The stack {stack} is gone." in gone.text
    assert everything(account) == before
    assert "Contents" not in account.s3.list_objects_v2(Bucket=BUCKET, Prefix=FOLDER)


def shown_events(account: Account, function: str) -> Any:
    """Return the test events that the Lambda console shows of a function."""
    schema = account.schemas.describe_schema(
        RegistryName="lambda-testevent-schemas", SchemaName=f"_{function}-schema"
    )
    return json.loads(schema["Content"])["components"]["examples"]


def produce(account: Account, state_machine: str) -> None:
    """Run a production as far as ministack carries it.

    The deployed functions really run: the input is validated, both machines launch, the flows are made. But
    ministack has no hosts that join a cluster, and it calls every error of a function Runtime.HandlerError,
    so the state machine does not wait for them: the production fails, in good order.
    """
    started = account.stepfunctions.start_execution(
        stateMachineArn=state_machine, input=EXAMPLE_INPUT.read_text()
    )
    assert wait_for_end(account, started["executionArn"]) == "FAILED"
    states = entered(account, started["executionArn"])
    assert "SetUp" in states, states
    assert states.index("TearDown") > states.index("SetUp")
    assert states[-1] == "Failed"


def launch_by_hand(account: Account) -> None:
    """Launch a machine as from the console, by the deployed function alone."""
    event = json.dumps({"instanceName": "by-hand", "instanceType": "c6i.large"})
    answer = account.functions.invoke(FunctionName="newInstance", Payload=event)
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_two_stacks_live_in_one_account_and_region(
    account: Account, deploy: Deploy, destroy: Destroy
) -> None:
    before = everything(account)
    for name, prefix in (("one", None), ("two", "two-")):
        ran = deploy(stack=name, name_prefix=prefix)
        assert ran.code == 0, ran.text
    functions = {item for item in everything(account) - before if item.startswith("lambda ")}
    assert {"lambda newInstance", "lambda two-newInstance"} <= functions
    assert find_stack(account, "two").reaper == "two-reapInstances"
    for name in ("one", "two"):
        assert destroy(name).code == 0
    assert everything(account) == before


def test_an_update_keeps_what_nobody_speaks_of(
    account: Account, deploy: Deploy, destroy: Destroy, stack: str
) -> None:
    assert deploy(stack=stack, operator_cidr="203.0.113.7/32", name_prefix="kept-").code == 0
    updated = deploy(stack=stack, log_host="logs.example.org", rotate_secret=True)
    assert updated.code == 0, updated.text
    described: Any = describe_stack(account, stack)
    values = {item["ParameterKey"]: item["ParameterValue"] for item in described["Parameters"]}
    assert values["OperatorCidr"] == "203.0.113.7/32"
    assert values["NamePrefix"] == "kept-"
    assert values["LogHost"] == "logs.example.org"
    assert values["SecretGeneration"] == "2"
    assert destroy(stack).code == 0


def test_monitoring_comes_and_goes(account: Account, deploy: Deploy, destroy: Destroy, stack: str) -> None:
    before = everything(account)
    assert deploy(stack=stack).code == 0
    unmonitored = everything(account)

    wanted = MonitoringOptions(wanted=True)
    planned = deploy(plan=True, stack=stack, monitoring=wanted)
    assert "AWS::CloudFormation::Stack" in planned.text
    assert everything(account) == unmonitored

    made = deploy(stack=stack, monitoring=wanted)
    assert made.code == 0, made.text
    outputs = find_stack(account, stack).outputs
    assert re.search(r"KibanaUrl +https://[0-9.]+:5601", made.text)
    assert "Nobody reaches Kibana yet" in made.text
    assert "metricbeat" in environment_of(account, "startNodeRED")["METRICBEAT_TASK_DEFINITION"]
    (volume,) = account.ec2.describe_volumes(VolumeIds=[outputs["MonitoringVolume"]])["Volumes"]
    (subnet, *_) = parameter_value(describe_stack(account, stack), "SubnetIds").split(",")
    (found,) = account.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert volume["AvailabilityZone"] == found["AvailabilityZone"]

    assert "Nobody reaches" not in deploy(stack=stack, operator_cidr="198.51.100.0/24").text
    assert find_stack(account, stack).outputs["KibanaUrl"] == outputs["KibanaUrl"], (
        "an option left out keeps its value"
    )

    assert deploy(stack=stack, monitoring=MonitoringOptions(wanted=False)).code == 0
    assert "KibanaUrl" not in find_stack(account, stack).outputs
    # ministack keeps the disks of machines that have ended, so volumes are not among everything.
    assert outputs["MonitoringVolume"] not in {
        left["VolumeId"] for left in account.ec2.describe_volumes()["Volumes"]
    }
    assert everything(account) - unmonitored <= {"ec2 default"}

    assert destroy(stack, remove_uploads=True).code == 0
    assert everything(account) == before


def test_a_deployment_ends_with_what_a_production_would_meet(
    account: Account, deploy: Deploy, destroy: Destroy, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack stands; a role of it stops tasks of another cluster only."""

    def misled(template: dict[str, Any]) -> str:
        statements = template["Resources"]["TerminateInstanceRole"]["Properties"]["Policies"][0]
        return json.dumps(template).replace(
            json.dumps(statements), json.dumps(statements).replace(":task/${Cluster}/*", ":task/another/*")
        )

    monkeypatch.setattr("organist.deploy.deployment.template_text", misled)
    ran = deploy(stack=stack, alarm_email="somebody@example.org")
    assert ran.code == 1, ran.text
    unfolded = " ".join(ran.text.split())
    assert "terminateInstance: ecs:StopTask: on arn:aws:ecs:eu-west-1:" in unfolded
    assert "A production would fail: see 1 of " in ran.text
    assert "somebody@example.org: is not confirmed" in ran.text
    assert ran.text.index("A production would fail") < ran.text.index("Start a production:")
    assert describe_stack(account, stack)
    assert destroy(stack).code == 0


def environment_of(account: Account, function: str) -> dict[str, str]:
    """The variables of a deployed function."""
    found = account.functions.get_function_configuration(FunctionName=function)
    return found["Environment"]["Variables"]


def test_a_monitored_stack_is_destroyed_whole(
    account: Account, deploy: Deploy, destroy: Destroy, stack: str
) -> None:
    before = everything(account)
    secret = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:store-Ab12Cd"
    store = MonitoringOptions(wanted=True, opensearch="https://search.example.org", store_secret=secret)
    made = deploy(stack=stack, monitoring=store)
    assert made.code == 0, made.text
    assert "Nobody reaches Kibana" not in made.text
    assert "KibanaUrl" not in made.text, "Amazon OpenSearch has dashboards of its own"
    assert destroy(stack, remove_uploads=True).code == 0
    assert everything(account) == before


def test_a_deployment_that_fails_rolls_back_and_says_why(
    account: Account, deploy: Deploy, destroy: Destroy, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(account)
    unknown = {"Type": "AWS::Organist::Impossible", "Properties": {}}

    def with_unknown(template: dict[str, Any]) -> str:
        return json.dumps({**template, "Resources": {**template["Resources"], "Impossible": unknown}})

    monkeypatch.setattr("organist.deploy.deployment.template_text", with_unknown)
    failed = deploy(stack=stack)
    assert failed.code == 1
    assert "rolled back" in failed.text
    assert "First to fail: Impossible (AWS::Organist::Impossible): Unsupported resource type" in failed.text
    assert f"organist destroy --stack {stack}" in failed.text

    with pytest.raises(DeploymentRefused, match=r"ROLLBACK_COMPLETE.*organist destroy"):
        deploy(stack=stack)
    assert destroy(stack).code == 0
    assert everything(account) == before
