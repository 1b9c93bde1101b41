"""The passphrases of far ends on a laptop: a file that nobody else may read, in place of Secrets Manager."""

import json
import stat
from pathlib import Path

from lambdas.production.secrets import PASSPHRASE
from organist.account.deployed_stack import STANDARD_STACK
from organist.command_errors import CommandError

MODE = 0o600
OWN = f"organist/{STANDARD_STACK}/"


class SecretsFileError(CommandError):
    """The file of --secrets cannot be used."""


def read_secrets(path: Path | None) -> dict[str, str]:
    """Return the secrets of a file by their names; empty without a file.

    Args:
        path: A JSON object of names and passphrases, readable by its owner alone (mode 0600).

    Raises:
        SecretsFileError: It cannot be read, others may read it, it is no such object, or SRT takes no such
            passphrase.
    """
    if path is None:
        return {}
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode != MODE:
            raise SecretsFileError(
                f"{path} has mode {mode:04o}; expected 0600, so that nobody else reads it: chmod 600 {path}. "
                "Nothing was started."
            )
        secrets = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        # What stands in it is not told.
        raise SecretsFileError(
            f"{path} cannot be read as JSON ({type(error).__name__}). Nothing was started."
        ) from None
    if not isinstance(secrets, dict) or not all(
        name.startswith(OWN) and isinstance(value, str) for name, value in secrets.items()
    ):
        raise SecretsFileError(
            f"{path} is no object of passphrases by names that begin with {OWN}. Nothing was started."
        )
    if wrong := [name for name, value in secrets.items() if not PASSPHRASE.fullmatch(value)]:
        raise SecretsFileError(
            f"{path}: what {', '.join(wrong)} names is no passphrase of SRT, 10 to 79 plain characters. "
            "Nothing was started."
        )
    return secrets
