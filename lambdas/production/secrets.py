"""Secrets of a machine or production, derived from the stack's: nothing to store, nothing in the state."""

import base64
import hashlib
import hmac
import json
import re

OPERATOR = "operator"
PASSPHRASE = re.compile(r"^[\x20-\x7e]{10,79}$")
"""What SRT takes as a passphrase; the media nodes have it from here, by `make media-rules`."""


def secret_value(generated: str) -> str:
    """Return the value to derive from, out of the stack's secret: JSON as template.yaml has it made."""
    return str(json.loads(generated)["value"])


def _derive(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def node_red_token(secret: str, instance_name: str) -> str:
    """Return the handlers' Bearer token for one machine, 64 hexadecimal digits."""
    return _derive(secret, instance_name).hex()


def operator_password(secret: str, instance_name: str) -> str:
    """Return the password a person signs in with as ``operator``: 20 characters, easy to type."""
    return _typed(_derive(secret, f"{OPERATOR}:{instance_name}"), 20)


def link_passphrase(secret: str, production_id: str) -> str:
    """Return the passphrase of a production's SRT link, 64 characters."""
    return _derive(secret, f"link:{production_id}").hex()


def source_passphrase(secret: str, production_id: str, number: int) -> str:
    """Return the passphrase of an SRT source that listens: 24 characters, which every encoder's form takes.

    Args:
        secret: The stack's secret.
        production_id: The production's id.
        number: The source's, from 1.
    """
    return _typed(_derive(secret, f"srt:{production_id}:{number}"), 24)


def stream_key(secret: str, production_id: str, number: int) -> str:
    """Return the stream key of an RTMP source, 24 characters; arguments as of ``source_passphrase``."""
    return _typed(_derive(secret, f"rtmp:{production_id}:{number}"), 24)


def destination_passphrase(secret: str, production_id: str, number: int) -> str:
    """Return the passphrase of an SRT destination that listens; arguments as of ``source_passphrase``."""
    return _typed(_derive(secret, f"srt-out:{production_id}:{number}"), 24)


def _typed(derived: bytes, length: int) -> str:
    """Return bytes as letters and digits that nobody takes for each other."""
    return base64.b32encode(derived)[:length].decode().lower()


def sha256(text: str) -> str:
    """Return the SHA-256 of a secret, which is all that a container gets to know of it."""
    return hashlib.sha256(text.encode()).hexdigest()
