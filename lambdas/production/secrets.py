"""Secrets of a machine or production, derived from the stack's: nothing to store, nothing in the state."""

import base64
import hashlib
import hmac
import json

OPERATOR = "operator"


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
    return base64.b32encode(_derive(secret, f"{OPERATOR}:{instance_name}"))[:20].decode().lower()


def link_passphrase(secret: str, production_id: str) -> str:
    """Return the passphrase of a production's SRT link, 64 characters (SRT takes 10 to 79)."""
    return _derive(secret, f"link:{production_id}").hex()


def sha256(text: str) -> str:
    """Return the SHA-256 of a secret, which is all that a container gets to know of it."""
    return hashlib.sha256(text.encode()).hexdigest()
