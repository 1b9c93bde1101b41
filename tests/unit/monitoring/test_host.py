"""What the monitoring machine does at its first boot, run for real against commands that only take notes."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from local_cloud.paths import REPOSITORY

BASH, OPENSSL = shutil.which("bash") or "", shutil.which("openssl") or ""
pytestmark = pytest.mark.skipif(not (BASH and OPENSSL), reason="needs bash and openssl")

HOST = REPOSITORY / "logstash" / "host"
VOLUME, ADDRESS = "vol-0123456789abcdef0", "203.0.113.9"
DEVICE = "nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
NOTING = '#!/bin/bash\necho "$(basename "$0") $*" >> "$NOTES"\n'
ANSWERS = {
    # Attaching makes the device appear, as udev does a moment later.
    "aws": 'if [ "$2" = attach-volume ]; then touch "$DEVICES/$DEVICE_NAME"; fi\n',
    "curl": "echo i-0123456789abcdef0\n",
    "blkid": '[ -e "$DEVICES/formatted" ]\n',
    "mkfs.xfs": 'touch "$DEVICES/formatted"\n',
    "mountpoint": '[ -e "$DEVICES/mounted" ]\n',
    "mount": 'touch "$DEVICES/mounted"\n',
    **dict.fromkeys(("chown", "docker", "sleep", "sysctl", "xfs_growfs"), ""),
}


Ran = subprocess.CompletedProcess[str]


class Host:
    """A machine whose commands are noted; its folders are a test's."""

    def __init__(self, folder: Path) -> None:
        self.notes, self.data, self.etc = folder / "notes", folder / "data", folder / "etc"
        self._commands, self._devices, self._source = folder / "bin", folder / "devices", folder / "source"
        for made in (self._commands, self._devices, self.etc / "sysctl.d"):
            made.mkdir(parents=True)
        (self.etc / "fstab").touch()
        shutil.copytree(HOST, self._source / "host")
        for name, answer in ANSWERS.items():
            command = self._commands / name
            command.write_text(NOTING + answer)
            command.chmod(command.stat().st_mode | stat.S_IXUSR)

    def prepare(self, address: str = ADDRESS, store: str = "elastic-stack") -> Ran:
        """Run the script; the notes are this run's alone."""
        self.notes.write_text("")
        return subprocess.run(
            [BASH, str(self._source / "host" / "prepare.sh")],
            env={
                "PATH": f"{self._commands}:{os.environ['PATH']}",
                "NOTES": str(self.notes),
                "STORE": store,
                "DATA_VOLUME": VOLUME,
                "DATA": str(self.data),
                "ETC": str(self.etc),
                "DEVICES": str(self._devices),
                "DEVICE_NAME": DEVICE,
                "IMAGE_TAG": "0123abcd",
                "KIBANA_ADDRESS": address,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def did(self, command: str) -> list[str]:
        """The calls of a command in the last run."""
        return [line for line in self.notes.read_text().splitlines() if line.split()[0] == command]

    def replace(self) -> None:
        """Another machine in its place: the volume is the same, and detached."""
        (self._devices / DEVICE).unlink()
        (self._devices / "mounted").unlink()
        (self.etc / "fstab").write_text("")

    def take_away(self, command: str) -> None:
        """A command that fails."""
        (self._commands / command).write_text("#!/bin/bash\nexit 1\n")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_first_machine_has_everything_made(host: Host) -> None:
    ran = host.prepare()
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[2] for line in host.did("aws")] == ["wait", "attach-volume"]
    assert f"--volume-id {VOLUME} --instance-id i-0123456789abcdef0" in host.did("aws")[1]
    assert len(host.did("mkfs.xfs")) == 1
    assert "vm.max_map_count = 1048576" in (host.etc / "sysctl.d" / "60-elasticsearch.conf").read_text()
    assert DEVICE in (host.etc / "fstab").read_text()
    assert {folder.name for folder in host.data.iterdir()} == {"elasticsearch", "logstash", "certificates"}
    built = " ".join(host.did("docker"))
    assert "--tag organist/logstash:0123abcd" in built
    assert "--tag organist/elastic-setup:0123abcd --file setup/Dockerfile" in built


def test_only_opensearch_gets_its_output(host: Host) -> None:
    assert host.prepare().returncode == 0
    assert "WITH_OPENSEARCH=no" in host.did("docker")[0]
    assert host.prepare(store="opensearch").returncode == 0
    assert "WITH_OPENSEARCH=yes" in host.did("docker")[0]


def test_the_certificate_is_of_its_addresses(host: Host) -> None:
    message = host.prepare().stdout
    certificate = host.data / "certificates" / "kibana.crt"
    text = subprocess.run(
        [OPENSSL, "x509", "-in", str(certificate), "-noout", "-text", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "DNS:kibana" in text
    assert f"IP Address:{ADDRESS}" in text
    # A person can compare what the browser shows with the machine's log.
    assert text.splitlines()[0] in message or text.splitlines()[-1] in message
    assert stat.S_IMODE((host.data / "certificates" / "kibana.key").stat().st_mode) == 0o600


def test_the_machine_after_it_finds_its_data_and_its_certificate(host: Host) -> None:
    host.prepare()
    before = (host.data / "certificates" / "kibana.crt").read_bytes()
    host.replace()
    ran = host.prepare()
    assert ran.returncode == 0, ran.stderr
    assert host.did("mkfs.xfs") == [], "a volume with something on it is never formatted"
    assert (host.data / "certificates" / "kibana.crt").read_bytes() == before


def test_run_again_it_makes_nothing_anew(host: Host) -> None:
    host.prepare()
    assert host.prepare().returncode == 0
    assert host.did("aws") == host.did("mkfs.xfs") == host.did("mount") == []
    assert (host.etc / "fstab").read_text().count(DEVICE) == 1


def test_another_address_gets_another_certificate(host: Host) -> None:
    host.prepare()
    before = (host.data / "certificates" / "kibana.crt").read_bytes()
    assert host.prepare("203.0.113.10").returncode == 0
    assert (host.data / "certificates" / "kibana.crt").read_bytes() != before


@pytest.mark.parametrize("command", ["aws", "mkfs.xfs", "mount", "docker"])
def test_what_fails_is_the_scripts_failure(host: Host, command: str) -> None:
    """CloudFormation is told the exit code and rolls back."""
    host.take_away(command)
    assert host.prepare().returncode != 0


def test_a_volume_that_never_appears_is_named(host: Host) -> None:
    (host._commands / "aws").write_text(NOTING)
    ran = host.prepare()
    assert ran.returncode == 1
    assert f"{VOLUME} was attached, but" in ran.stdout
    assert host.did("mkfs.xfs") == []
