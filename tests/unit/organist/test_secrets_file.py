"""The file of `organist local --secrets`: who may read it, and what stands in it."""

import json
from pathlib import Path

import pytest

from organist.local.secrets_file import SecretsFileError, read_secrets

SECRETS = {"organist/organist/studio": "a passphrase"}


def file(folder: Path, content: str, mode: int = 0o600) -> Path:
    path = folder / "secrets.json"
    path.write_text(content)
    path.chmod(mode)
    return path


def test_a_file_of_the_owner_alone_is_read(tmp_path: Path) -> None:
    assert read_secrets(file(tmp_path, json.dumps(SECRETS))) == SECRETS
    assert read_secrets(None) == {}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o700, 0o400])
def test_any_other_mode_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    path = file(tmp_path, json.dumps(SECRETS), mode)
    with pytest.raises(SecretsFileError, match=f"has mode {mode:04o}; expected 0600.*chmod 600"):
        read_secrets(path)


@pytest.mark.parametrize(
    "content", ["", "{", "[" * 200_000, "[]", '{"studio": "hunter2hunter2"}', '{"organist/organist/a": 7}']
)
def test_what_is_no_list_of_secrets_is_refused_and_not_told(tmp_path: Path, content: str) -> None:
    with pytest.raises(SecretsFileError) as refused:
        read_secrets(file(tmp_path, content))
    assert "hunter2" not in str(refused.value)
    assert "Nothing was started" in str(refused.value)


@pytest.mark.parametrize(
    "value", ["", "hunter2", "hunter2" * 12, "hunter2 mit Höflichkeit", "hunter2hunter2\n"]
)
def test_a_passphrase_that_srt_would_refuse_is_named_and_not_told(tmp_path: Path, value: str) -> None:
    secrets = SECRETS | {"organist/organist/gate": value}
    with pytest.raises(SecretsFileError) as refused:
        read_secrets(file(tmp_path, json.dumps(secrets)))
    assert "organist/organist/gate names is no passphrase of SRT, 10 to 79" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "studio" not in str(refused.value)


@pytest.mark.parametrize("length", [10, 79])
def test_the_shortest_and_the_longest_passphrase_are_taken(tmp_path: Path, length: int) -> None:
    secrets = {"organist/organist/gate": "p" * length}
    assert read_secrets(file(tmp_path, json.dumps(secrets))) == secrets


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretsFileError, match="FileNotFoundError"):
        read_secrets(tmp_path / "none.json")
