"""The command lines of README and docs that deploy, on ministack, in the order in which they stand there."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from organist.account.aws_account import Account
from organist.account.deployed_stack import STANDARD_STACK, describe_stack
from organist.commands.deployment.deploy_run import DeployRun
from organist.commands.deployment.destroy import DestroyRun
from tests.deploy.conftest import BUCKET
from tests.docs.command_lines import Place, placed
from tests.docs.running import Shell

POLL_SECONDS = 0.1
RECORDINGS = "my-recordings"  # as docs/recordings.md calls a person's own


class Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        """A terminal."""
        return True


@pytest.fixture
def _set_up(account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A person who agrees to everything; a stack that does not outlive the test."""
    monkeypatch.setattr("sys.stdin", Terminal("y\n" * len(placed(Place.MINISTACK))))
    monkeypatch.setattr(
        "organist.commands.deployment.deploy.DeployRun", partial(DeployRun, poll_seconds=POLL_SECONDS)
    )
    monkeypatch.setattr(
        "organist.commands.deployment.destroy.DestroyRun", partial(DestroyRun, poll_seconds=POLL_SECONDS)
    )
    monkeypatch.setattr("organist.deploy.deployment.BUILD", tmp_path)
    place: Any = {"LocationConstraint": account.region}
    account.s3.create_bucket(Bucket=RECORDINGS, CreateBucketConfiguration=place)
    yield
    account.s3.delete_bucket(Bucket=RECORDINGS)
    if describe_stack(account, STANDARD_STACK) is not None:
        account.cloudformation.delete_stack(StackName=STANDARD_STACK)


@pytest.mark.usefixtures("_set_up")
def test_they_all_do_what_they_say(
    account: Account, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert account.endpoint_url is not None
    shell = Shell(account.endpoint_url, tmp_path, capsys)
    for line in placed(Place.MINISTACK):
        ran = shell.run(line, {"BUCKET": BUCKET})
        assert ran.code == 0, f"{line}\n{ran.text}"
        stands = describe_stack(account, STANDARD_STACK) is not None
        assert stands == ("destroy" not in line.words), f"{line}\n{ran.text}"
