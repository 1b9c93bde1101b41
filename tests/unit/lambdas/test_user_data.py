"""What a machine does first, by a real bash with doubles of curl, docker and systemctl."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from lambdas.aws.user_data import pull_script, user_data
from local_cloud.ec2.user_data import UserData, read_user_data

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{REGISTRY}/organist-node-red:abc-x86_64"
KEYS = {"Code": "Success", "AccessKeyId": "ASIAKEY", "SecretAccessKey": "se/cr+et==", "Token": "sess=ion/+"}
PASSWORD = "pass:word="
TOKEN = base64.b64encode(f"AWS:{PASSWORD}".encode()).decode()
CURL = """#!/bin/bash
echo "curl $*" >> "$LOG"
case "$*" in
  *api/token*) echo session ;;
  *security-credentials/the-role*) cat "$FOLDER/keys.json" ;;
  *security-credentials/*) echo the-role ;;
  *api.ecr*) cat >> "$FOLDER/config"; [ -z "$REFUSES" ] || exit 22; cat "$FOLDER/answer.json" ;;
esac
"""
SYSTEMCTL = """#!/bin/bash
echo "systemctl $*" >> "$LOG"
"""
DOCKER = """#!/bin/bash
echo "docker ${*/$2/FOLDER}" >> "$LOG"
[[ "$*" != *login* ]] || cat > "$FOLDER/password"
"""


class Machine:
    """Runs the script; keeps what it calls."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        doubles = {"curl": CURL, "docker": DOCKER, "systemctl": SYSTEMCTL}
        for name, text in doubles.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        # As the machine's metadata and ECR write it: with spaces there, without here.
        (folder / "keys.json").write_text(json.dumps(KEYS, indent=2, separators=(",", " : ")))
        (folder / "answer.json").write_text(
            json.dumps({"authorizationData": [{"authorizationToken": TOKEN}]}, separators=(",", ":"))
        )

    def run(self, **more: str) -> list[str]:
        path = f"{self.folder}:{os.environ['PATH']}"
        environment = {"PATH": path, "LOG": str(self.log), "FOLDER": str(self.folder), "REFUSES": "", **more}
        script = pull_script(IMAGE, "eu-west-1").replace("-p /run", f"-p {self.folder}")
        subprocess.run(["/bin/bash"], input=script, text=True, env=environment, timeout=30, check=False)
        return self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_image_is_pulled_with_the_registrys_password(machine: Machine) -> None:
    called = machine.run()
    assert called[-3:] == [
        "systemctl start docker",
        f"docker --config FOLDER login --username AWS --password-stdin {REGISTRY}",
        f"docker --config FOLDER pull --quiet {IMAGE}",
    ]
    assert (machine.folder / "password").read_text() == PASSWORD


def test_no_secret_is_on_a_command_line_or_stays(machine: Machine) -> None:
    called = "\n".join(machine.run())
    for secret in (KEYS["SecretAccessKey"], KEYS["Token"], PASSWORD, TOKEN):
        assert secret not in called
    assert (machine.folder / "config").read_text() == (
        f'user = "{KEYS["AccessKeyId"]}:{KEYS["SecretAccessKey"]}"\n'
        f'header = "X-Amz-Security-Token: {KEYS["Token"]}"\n'
    )
    assert not list(machine.folder.glob("tmp.*"))


def test_what_the_registry_refuses_is_the_agents_to_pull(machine: Machine) -> None:
    assert not [line for line in machine.run(REFUSES="yes") if line.startswith("docker")]


def test_the_whole_script_is_bash_and_is_read_as_it_is_meant(tmp_path: Path) -> None:
    script = user_data("organist-Cluster", 22, IMAGE, "eu-west-1")
    subprocess.run(["/bin/bash", "-n"], input=script, text=True, check=True, timeout=30)
    assert read_user_data(script) == UserData("organist-Cluster", 22, IMAGE)
    assert len(base64.b64encode(script.encode())) < 16_384  # EC2's limit, before its encoding
    file = tmp_path / "pull-image"
    written = script[script.index("cat > /run/pull-image") :].rpartition("systemd-run")[0]
    script_of_its_own = written.replace("/run/pull-image", str(file))
    subprocess.run(["/bin/bash"], input=script_of_its_own, text=True, check=True, timeout=30)
    assert file.read_text() == pull_script(IMAGE, "eu-west-1")
