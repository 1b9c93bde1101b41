"""One small, fast local cloud for all contract tests, and the few words that they share."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from tests.contract.machines import Member
from tests.contract.small_cloud import small_settings
from tests.support.waiting import wait_until

HANDLERS = "tests.contract.functions.handlers"


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """The local cloud of these tests."""
    with LocalCloud(small_settings(tmp_path_factory.mktemp("cloud"))) as running:
        yield running


@pytest.fixture(scope="package")
def role_arn(cloud: LocalCloud) -> str:
    """A role for functions and state machines."""
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="services", AssumeRolePolicyDocument="{}")
    actions = ["ec2:DescribeSubnets", "lambda:InvokeFunction"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName="services", PolicyName="read", PolicyDocument=json.dumps(policy))
    return str(role["Role"]["Arn"])


@pytest.fixture(scope="package")
def new_function(cloud: LocalCloud, role_arn: str) -> Callable[..., str]:
    """Deploy a handler of ``functions/handlers.py`` (or of a whole path) and return the function's name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("empty", "")

    def deploy(handler: str, **settings: Any) -> str:
        name = f"{handler.rsplit('.', 1)[-1]}-{uuid.uuid4().hex[:8]}"
        cloud.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role_arn,
            Handler=handler if "." in handler else f"{HANDLERS}.{handler}",
            Code={"ZipFile": archive.getvalue()},
            **settings,
        )
        return name

    return deploy


@pytest.fixture
def start(cloud: LocalCloud, role_arn: str) -> Callable[..., str]:
    """Make a state machine of a definition (or of its states alone), start it, return the ARN."""
    client = cloud.client("stepfunctions")

    def make_and_start(definition: dict[str, Any], document: Any = None, **named: str) -> str:
        if "States" not in definition:
            definition = {"StartAt": next(iter(definition)), "States": definition}
        arn = client.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=role_arn
        )["stateMachineArn"]
        started = client.start_execution(stateMachineArn=arn, input=json.dumps(document or {}), **named)
        return str(started["executionArn"])

    return make_and_start


@pytest.fixture
def end_of(cloud: LocalCloud) -> Callable[[str], dict[str, Any]]:
    """Wait for the end of an execution and return its description, the output read from JSON."""
    client = cloud.client("stepfunctions")

    def wait(arn: str) -> dict[str, Any]:
        def poll() -> dict[str, Any] | None:
            found: dict[str, Any] = client.describe_execution(executionArn=arn)
            return found if found["status"] != "RUNNING" else None

        described = wait_until(poll, 30)
        assert described is not None
        if "output" in described:
            described["output"] = json.loads(described["output"])
        return described

    return wait


@pytest.fixture
def run(start: Callable[..., str], end_of: Callable[[str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Start and wait: a definition and its input give the execution's description."""
    return lambda definition, document=None: end_of(start(definition, document))


@pytest.fixture
def invoke(cloud: LocalCloud) -> Callable[..., tuple[Any, str | None]]:
    """Call a function; return the payload and Lambda's FunctionError."""
    client = cloud.client("lambda")

    def call(name: str, event: Any = None) -> tuple[Any, str | None]:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}))
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    return call


@pytest.fixture(scope="package")
def echo(new_function: Callable[..., str]) -> str:
    """A function that gives back what came."""
    return new_function("echo")


@pytest.fixture(scope="package")
def fail(new_function: Callable[..., str]) -> str:
    """A function that raises what it is asked to."""
    return new_function("fail")


@pytest.fixture(scope="package")
def fail_first(new_function: Callable[..., str]) -> str:
    """A function that raises NotYet at first."""
    return new_function("fail_first")


@pytest.fixture(scope="package")
def sleep(new_function: Callable[..., str]) -> str:
    """A function that takes its time."""
    return new_function("sleep", Timeout=60)


@pytest.fixture(scope="module")
def member(cloud: LocalCloud) -> Iterator[Member]:
    """A cluster with one machine in it, for the tests of one module."""
    joined = Member(cloud)
    yield joined
    joined.end()
