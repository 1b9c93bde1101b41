"""The policy statements of a plain template, each with whose it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.unit.template.plain import Template, resources_of


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Statement:
    """A statement of an identity's policy. ``owner``, the logical id of the role or policy it stands in."""

    owner: str
    raw: dict[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it gives a permission, rather than taking one away."""
        return bool(self.raw["Effect"] == "Allow")

    @property
    def actions(self) -> list[str]:
        """Its actions, each ``service:Action``."""
        return _as_list(self.raw.get("Action", []))

    @property
    def resources(self) -> list[Any]:
        """Its resources: texts, or functions that CloudFormation works out."""
        return [self._text(resource) for resource in _as_list(self.raw.get("Resource", []))]

    def condition(self, key: str) -> Any:
        """The value that a condition key is held to, None if the statement has no such condition."""
        for tests in self.raw.get("Condition", {}).values():
            if key in tests:
                return tests[key]
        return None

    @staticmethod
    def _text(resource: Any) -> Any:
        substituted = resource.get("Fn::Sub") if isinstance(resource, dict) else None
        return substituted if isinstance(substituted, str) else resource


def all_statements(template: Template) -> Iterator[Statement]:
    """The statements of every role and every policy of its own."""
    for name, role in resources_of(template, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            yield from _statements(name, policy["PolicyDocument"])
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in resources_of(template, kind).items():
            yield from _statements(name, policy["PolicyDocument"])


def allowed_actions(template: Template, function: str) -> set[str]:
    """What a function's role allows in its own policies, those that it names, and those that name it."""
    role = template["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0]
    named = template["Resources"][role]["Properties"].get("ManagedPolicyArns", [])
    owners = {role, *(reference["Ref"] for reference in named)}
    for name, policy in resources_of(template, "AWS::IAM::Policy").items():
        if {"Ref": role} in policy["Roles"]:
            owners.add(name)
    return {
        action
        for statement in all_statements(template)
        if statement.owner in owners and statement.allows
        for action in statement.actions
    }


def _statements(owner: str, document: dict[str, Any]) -> Iterator[Statement]:
    for raw in _as_list(document["Statement"]):
        yield Statement(owner, raw)
