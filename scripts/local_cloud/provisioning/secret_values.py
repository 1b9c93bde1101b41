"""What Secrets Manager makes of a template's rules, and what a dynamic reference reads of a secret.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
"""

import json
import re
from collections.abc import Callable
from typing import Any

from local_cloud.errors import TemplateError

# The secret's ARN or name; then the word SecretString and a key of the JSON in it; a version may follow.
_REFERENCE = re.compile(
    r"(?P<secret>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)"
    r"(?::SecretString)?(?::(?P<key>[^:]*))?(?::.*)?"
)


def generate(rules: dict[str, Any], random_password: Callable[..., str]) -> str:
    """A secret's value by GenerateSecretString's rules.

    Args:
        rules: The template's GenerateSecretString.
        random_password: Secrets Manager's GetRandomPassword.
    """
    password = random_password(
        PasswordLength=int(rules.get("PasswordLength") or 32),
        ExcludePunctuation=bool(rules.get("ExcludePunctuation")),
    )
    if "GenerateStringKey" not in rules:
        return password
    whole = json.loads(rules.get("SecretStringTemplate") or "{}")
    return json.dumps({**whole, rules["GenerateStringKey"]: password})


def read(reference: str, value_of: Callable[[str], str]) -> str:
    """What ``{{resolve:secretsmanager:REFERENCE}}`` stands for; ``TemplateError`` if there is no such key.

    Args:
        reference: A dynamic reference, ``{{resolve:secretsmanager:…}}``.
        value_of: Gives a whole secret by its ARN or name.
    """
    parts = _REFERENCE.fullmatch(reference)
    if parts is None:
        raise TemplateError(f"{reference} is no reference to a secret.")
    whole = value_of(parts["secret"])
    if not parts["key"]:
        return whole
    try:
        return str(json.loads(whole)[parts["key"]])
    except (ValueError, KeyError, TypeError) as error:
        raise TemplateError(f"The secret {parts['secret']} has no {parts['key']}.") from error
