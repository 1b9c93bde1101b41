"""What `start` checks of an account, and finding a stack's things through its outputs."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from lambdas.production.machines.machine_fit import known_types
from lambdas.production.secrets import operator_password
from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import DeployedStack, find_stack
from organist.account.machine_addresses import reached_at
from organist.account.quotas import CannotLaunch, check_quota, check_types
from organist.account.stack_secret import stack_secret
from organist.commands.instances import machines_table
from organist.main import main
from organist.repository import EXAMPLE_INPUT
from organist.terminal import open_console
from tests.unit.organist.conftest import account_of

Stubs = Callable[[str], tuple[Any, Stubber]]


def quota(stubs: Stubs, value: float | None) -> Any:
    quotas, stubber = stubs("service-quotas")
    if value is None:
        stubber.add_client_error("get_service_quota", "AccessDeniedException", "not you")
    else:
        asked = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
        stubber.add_response("get_service_quota", {"Quota": {"Value": value}}, asked)
    return quotas


LARGE = known_types()["c6i.large"]


def ec2_with(stubs: Stubs, *running: dict[str, Any]) -> Any:
    ec2, stubber = stubs("ec2")
    stubber.add_response("describe_instances", {"Reservations": [{"Instances": list(running)}]})
    return ec2


def machine(kind: str, cores: int, **more: Any) -> dict[str, Any]:
    return {"InstanceType": kind, "CpuOptions": {"CoreCount": cores, "ThreadsPerCore": 2}, **more}


def test_a_quota_that_is_too_small_is_named(stubs: Stubs) -> None:
    spot = machine("c6i.4xlarge", 8, InstanceLifecycle="spot")
    ec2 = ec2_with(stubs, machine("m5.large", 1), machine("g5.xlarge", 2), spot)
    account = account_of(quotas=quota(stubs, 5), ec2=ec2)
    with pytest.raises(CannotLaunch) as refused:
        check_quota(account, ["c6i.large", "c6i.large"], {"c6i.large": LARGE})
    answer = str(refused.value)
    assert (
        '"Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances" (L-1216C47A) is 5 vCPUs' in answer
    )
    assert "2 are in use and the production needs 4" in answer
    assert answer.endswith("Nothing was started.")


def test_a_quota_that_is_just_enough(stubs: Stubs) -> None:
    account = account_of(quotas=quota(stubs, 6), ec2=ec2_with(stubs, machine("m5.large", 1)))
    assert check_quota(account, ["c6i.large", "c6i.large"], {"c6i.large": LARGE}) == []


def test_a_quota_that_may_not_be_read_is_a_warning(stubs: Stubs) -> None:
    (warning,) = check_quota(account_of(quotas=quota(stubs, None)), ["c6i.large"], {"c6i.large": LARGE})
    assert "could not be read" in warning
    assert "not you" in warning


def test_a_region_without_the_type(moto_account: Account) -> None:
    facts = check_types(moto_account.ec2, "eu-west-1", ["c6i.large", "t2.micro"])
    assert {kind: found.vcpus for kind, found in facts.items()} == {"c6i.large": 2, "t2.micro": 1}
    with pytest.raises(CannotLaunch, match=r"eu-west-1 does not offer x99\.huge.*Nothing was started"):
        check_types(moto_account.ec2, "eu-west-1", ["x99.huge"])


STATE_MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:two-dynamicNTS"


def test_a_stack_is_found_through_its_outputs(moto_account: Account) -> None:
    outputs = {"StateMachineArn": STATE_MACHINE, "ReaperFunction": "two-reapInstances", "NamePrefix": "two-"}
    template = {
        "Resources": {"A": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    moto_account.cloudformation.create_stack(StackName="two", TemplateBody=json.dumps(template))
    stack = find_stack(moto_account, "two")
    assert stack.state_machine_arn == STATE_MACHINE
    assert stack.reaper == "two-reapInstances"
    with pytest.raises(AccountError, match="two has no secret"):
        stack_secret(moto_account, stack)


def test_a_stacks_secret_is_found_among_its_resources(stubs: Stubs) -> None:
    cfn, stubber = stubs("cloudformation")
    now = datetime(2026, 11, 22, tzinfo=UTC)
    stack = {"StackName": "two", "CreationTime": now, "StackStatus": "CREATE_COMPLETE"}
    status = {"LastUpdatedTimestamp": now, "ResourceStatus": "CREATE_COMPLETE"}
    kinds = {"topic": "AWS::SNS::Topic", "arn:secret": "AWS::SecretsManager::Secret"}
    resources = [
        {"LogicalResourceId": "A", "PhysicalResourceId": name, "ResourceType": kind, **status}
        for name, kind in kinds.items()
    ]
    stubber.add_response("describe_stacks", {"Stacks": [stack]})
    stubber.add_response("list_stack_resources", {"StackResourceSummaries": resources})
    secrets, other = stubs("secretsmanager")
    other.add_response(
        "get_secret_value",
        {"SecretString": '{"generation": "2", "value": "the secret"}'},
        {"SecretId": "arn:secret"},
    )
    account = account_of(cloudformation=cfn, secrets=secrets)
    assert stack_secret(account, DeployedStack("two", {})) == "the secret"


def test_a_stack_that_is_not_there(moto_account: Account) -> None:
    with pytest.raises(AccountError, match=r"no stack one in eu-west-1.*organist deploy --stack one"):
        find_stack(moto_account, "one")


def test_a_stack_that_was_never_completed(moto_account: Account) -> None:
    moto_account.cloudformation.create_stack(
        StackName="half", TemplateBody='{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'
    )
    with pytest.raises(AccountError, match="has no state machine"):
        find_stack(moto_account, "half")


def test_the_local_clouds_secret_has_a_stacks_name(moto_account: Account) -> None:
    moto_account.secrets.create_secret(
        Name="organist-StackSecret-1", SecretString='{"value": "local secret"}'
    )
    assert stack_secret(moto_account, DeployedStack("organist", {})) == "local secret"
    assert len(operator_password("local secret", "mixer-1")) == 20


def test_the_machines_as_a_table() -> None:
    shown = {
        "instanceName": "mixer-1",
        "instanceId": "i-1",
        "instanceType": "c6i.large",
        "state": "running",
        "privateAddress": "10.0.0.1",
        "publicAddress": None,
        "productionId": None,
        "launchedAt": "2026-11-22T19:00:00Z",
        "expiresAt": "2026-11-22T20:00:00Z",
    }
    console = open_console(file=StringIO(), width=170)
    console.print(machines_table([shown], datetime(2026, 11, 22, 19, 2, 5, tzinfo=UTC)))
    assert isinstance(console.file, StringIO)
    for answer in ("mixer-1", "10.0.0.1", "by hand", "2 min 5 s", "2026-11-22T20:00:00Z"):
        assert answer in console.file.getvalue()


def test_the_public_address_comes_first() -> None:
    machine = {"state": "running", "publicAddress": "203.0.113.9", "privateAddress": "10.0.0.1"}
    assert reached_at(machine) == "203.0.113.9"
    assert reached_at(machine | {"publicAddress": None}) == "10.0.0.1"


@pytest.mark.parametrize("state", ["pending", "shutting-down", "terminated"])
def test_nobody_is_sent_to_a_machine_that_does_not_run(state: str) -> None:
    assert reached_at({"state": state, "publicAddress": None, "privateAddress": "10.0.0.1"}) is None
    assert reached_at({"state": "running", "publicAddress": None, "privateAddress": None}) is None


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line without credentials or region; return the exit code and what it said."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_PROFILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def run(*words: str) -> tuple[Any, str]:
        monkeypatch.setattr(sys, "argv", ["organist", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["deploy", "--bucket", "my-bucket", "--yes", "--region", "eu-west-1"],
            "There are no AWS credentials",
        ),
        (["deploy", "--bucket", "my-bucket", "--yes"], "There is no AWS region"),
        (["start", str(EXAMPLE_INPUT), "--profile", "nobody"], "There is no AWS profile nobody"),
        (["instances", "--endpoint-url", "nonsense"], "nonsense is no endpoint"),
        (["destroy", "--region", "eu-west-1"], "Give --yes"),
        (["estimate", "no-such-file.json"], "cannot be read"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(command: Any, words: list[str], message: str) -> None:
    code, said = command(*words)
    assert code == 2
    assert message in said
    assert "Traceback" not in said
