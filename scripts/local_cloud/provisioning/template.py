"""Reads a SAM template and resolves what its values refer to."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local_cloud.errors import TemplateError, UnknownReferenceError

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_SECRET = re.compile(r"\{\{resolve:secretsmanager:([^}]+)\}\}")


NO_VALUE = object()
"""What ``Ref AWS::NoValue`` gives: the property, or the item of a list, is left out."""


def read_template(path: Path) -> dict[str, Any]:
    """The template as a dictionary, short forms (``!Ref X``) turned into long ones (``{"Ref": "X"}``)."""
    template = yaml_parse(path.read_text())
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{path} has no Resources.")
    return template


class Resolver:
    """Replaces references by the values of what was made locally."""

    def __init__(
        self,
        *,
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
        secret: Callable[[str], str],
        holds: Callable[[str], bool],
    ) -> None:
        self._reference = reference
        self._attribute = attribute
        self._secret = secret
        self._holds = holds
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "Fn::GetAtt": lambda parts: self._attribute(*parts),
            "Fn::Sub": self._substitute,
            "Fn::Select": lambda parts: self.resolve(parts[1])[int(parts[0])],
            "Fn::Join": lambda parts: parts[0].join(str(part) for part in self.resolve(parts[1])),
            "Fn::If": lambda parts: self.resolve(parts[1 if self._holds(parts[0]) else 2]),
            "Fn::Split": lambda parts: self.resolve(parts[1]).split(parts[0]),
        }

    def resolve(self, value: Any) -> Any:
        """The value with all references replaced; raises ``UnknownReferenceError`` or ``TemplateError``."""
        if isinstance(value, dict):
            if len(value) == 1:
                name, argument = next(iter(value.items()))
                if name in self._functions:
                    return self._with_secrets(self._functions[name](argument))
                if name.startswith("Fn::"):
                    raise TemplateError(f"The local cloud does not know {name}, used with {argument!r}.")
            resolved = {name: self.resolve(part) for name, part in value.items()}
            return {name: part for name, part in resolved.items() if part is not NO_VALUE}
        if isinstance(value, list):
            return [part for part in map(self.resolve, value) if part is not NO_VALUE]
        return self._with_secrets(value)

    def _substitute(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})

        def value_of(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            if name in variables:
                return str(self.resolve(variables[name]))
            owner, dot, attribute = name.partition(".")
            return str(self._attribute(owner, attribute) if dot else self._reference(name))

        return _VARIABLE.sub(value_of, text).replace("${!", "${")

    def _with_secrets(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return _SECRET.sub(lambda match: self._secret(match.group(1)), value)


def unknown(name: str, why: str) -> UnknownReferenceError:
    """The error for a reference that leads nowhere."""
    return UnknownReferenceError(f"template.yaml refers to {name}, {why}.")
