"""An account on ministack, and the command's runs on it."""

import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from organist.account.aws_account import Account
from organist.commands.deployment.deploy_run import DeployRun
from organist.commands.deployment.destroy import DestroyRun
from organist.deploy.options.deployment_options import DeploymentOptions
from organist.terminal import open_console
from tests.deploy.emulator import running_ministack

BUCKET = "deployments-of-these-tests"
POLL_SECONDS = 0.1
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Ran:
    """A command's exit code and what it printed."""

    code: int
    text: str


@pytest.fixture(scope="package")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account with a bucket in eu-west-1."""
    with running_ministack(tmp_path_factory.mktemp("ministack")) as running:
        place: Any = {"LocationConstraint": running.region}
        running.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        # It stays in an account for good; that one without gets it is tests/unit/organist's.
        running.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
        yield running


@pytest.fixture(scope="package", autouse=True)
def _packages_for_this_interpreter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the dependencies out of the zip.

    ministack runs functions with this interpreter, which has the same locked versions; it cannot load the
    arm64 ones. What is in the real zip, tests/unit/organist/test_lambda_package.py says.
    """
    nothing: Path = tmp_path_factory.mktemp("no-dependencies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("organist.deploy.package.lambda_package.fetch_dependencies", lambda *_: nothing)
        yield


@pytest.fixture
def deploy(account: Account) -> Callable[..., Ran]:
    """Run `organist deploy`, with `--plan` when asked to."""

    def run(*, plan: bool = False, wait: bool = False, **options: Any) -> Ran:
        console = open_console(file=io.StringIO(), width=150)
        asked = DeploymentOptions(**{"bucket": BUCKET, "stack": "organist", **options})
        code = DeployRun(account, asked, console, POLL_SECONDS).run(plan=plan, yes=True, wait=wait)
        return Ran(code, _written(console))

    return run


@pytest.fixture
def destroy(account: Account) -> Callable[..., Ran]:
    """Run `organist destroy`."""

    def run(stack: str, *, force: bool = False, remove_uploads: bool = False) -> Ran:
        console = open_console(file=io.StringIO(), width=150)
        code = DestroyRun(account, stack, console, POLL_SECONDS).run(
            force=force, remove_uploads=remove_uploads, yes=True
        )
        return Ran(code, _written(console))

    return run


@pytest.fixture
def stack(destroy: Callable[..., Ran], account: Account) -> Iterator[str]:
    """A name for one test's stack, which is gone afterwards."""
    name = f"stack-{next(_NUMBERS)}"
    yield name
    if account.cloudformation.describe_stacks()["Stacks"]:
        account.cloudformation.delete_stack(StackName=name)


def _written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
