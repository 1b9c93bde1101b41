"""`organist stop`, `sweep`, `instances` and `login` against a running local cloud."""

import os
import re
import subprocess

import pytest
import requests

from tests.end_to_end.conftest import BIN, REPOSITORY, Command, Commands


def organist(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "organist", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "150", **environment},
    )


def endpoint_of(command: Command) -> str:
    return re.search(r"http://127\.0\.0\.1:\d+", command.read_until("The local cloud is at"))[0]  # type: ignore[index]


def test_stop_ends_the_time_on_air_and_the_production_succeeds(commands: Commands) -> None:
    command = commands.start(commands.document(runSeconds=600))
    endpoint = endpoint_of(command)
    command.read_until("is on air")
    (name,) = re.findall(r"local-\d{8}-\d{6}", "\n".join(command.lines))[:1]

    kept = organist("sweep", "--endpoint-url", endpoint)
    assert kept.returncode == 0, kept.stderr
    assert re.search(r"mixer-\w+ .*kept", kept.stdout)

    shown = organist("instances", "--endpoint-url", endpoint)
    (mixer,) = re.findall(r"mixer-\w+", shown.stdout)
    login = organist("login", mixer, "--endpoint-url", endpoint)
    password = re.search(r"password  (\w{20})", login.stdout)
    assert password, login.stderr
    form = {"client_id": "node-red-editor", "grant_type": "password", "scope": "*", "username": "operator"}
    editor = f"{login.stdout.splitlines()[0]}auth/token"
    assert requests.post(editor, data=form | {"password": password[1]}, timeout=10).status_code == 200
    started = f"Editor of {mixer}: {login.stdout.splitlines()[0]}  (user operator, password "
    assert any(line.startswith(started) for line in command.lines), "what `organist local` printed"

    stopped = organist("stop", name, "--endpoint-url", endpoint)
    assert stopped.returncode == 0, stopped.stderr
    assert "goes off air" in stopped.stdout

    finished = command.finish()
    assert finished.code == 0, finished.printed
    assert "The production SUCCEEDED." in finished.printed
    assert "LEFT" not in finished.printed


def test_nothing_to_sweep_and_nothing_to_stop(commands: Commands) -> None:
    command = commands.start("--endpoint")
    endpoint = endpoint_of(command)
    swept = organist("sweep", "--dry-run", "--endpoint-url", endpoint)
    assert (swept.returncode, "nothing is there" in swept.stdout) == (0, True)
    assert "There are no machines" in organist("instances", "--endpoint-url", endpoint).stdout
    missing = organist("stop", "no-such-execution", "--endpoint-url", endpoint)
    assert missing.returncode == 2
    assert "There is no execution no-such-execution" in missing.stderr
    command.interrupt()
    command.finish()


@pytest.mark.parametrize(
    ("arguments", "environment", "output"),
    [
        (["sweep", "--region", "eu-west-1"], {}, "There are no AWS credentials"),
        (["sweep"], {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, "There is no AWS region"),
        (["sweep", "--profile", "nobody"], {}, "There is no AWS profile nobody"),
        (["sweep", "--endpoint-url", "http://127.0.0.1:1"], {}, "Nothing answers at http://127.0.0.1:1"),
        (["sweep", "--endpoint-url", "nonsense"], {}, "nonsense is no endpoint"),
    ],
)
def test_an_account_that_cannot_be_reached(
    arguments: list[str], environment: dict[str, str], output: str
) -> None:
    ended = organist(*arguments, AWS_EC2_METADATA_DISABLED="true", **environment)
    assert ended.returncode == 2
    assert output in ended.stderr
    assert "Traceback" not in ended.stderr
