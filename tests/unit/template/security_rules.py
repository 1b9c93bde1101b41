"""The rules that EC2 gets of a template, as it compares them: without their descriptions."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.provisioning.conditions import Conditions
from tests.unit.template.plain import Template

GROUP, INGRESS, EGRESS = (f"AWS::EC2::SecurityGroup{kind}" for kind in ("", "Ingress", "Egress"))


def doubled_rules(template: Template, values: Mapping[str, str]) -> list[Any]:
    """Return every rule that a group would have twice.

    EC2 answers ``InvalidPermission.Duplicate`` to the second of two that stand on their own; of two in one
    place one is made, and either's deletion takes it away:
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1534
    """
    counted = Counter(_rules(template, values))
    return [rule for rule, times in counted.items() if times > 1]


def _rules(template: Template, values: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    given = {name: str(one["Default"]) for name, one in template["Parameters"].items() if "Default" in one}
    given |= values

    def resolve(value: Any) -> Any:
        if isinstance(value, dict) and value.keys() == {"Ref"}:
            return given.get(value["Ref"], value)
        return value

    # Of a list or a text that is put together no rule depends on; only what is asked for is worked out.
    conditions = Conditions(template["Conditions"], resolve)
    for name, resource in template["Resources"].items():
        if resource["Type"] not in (GROUP, INGRESS, EGRESS):
            continue
        if "Condition" in resource and not conditions.holds(resource["Condition"]):
            continue
        properties = resource["Properties"]
        if resource["Type"] == GROUP:
            for direction in (INGRESS, EGRESS):
                for rule in properties.get(direction.rpartition("::")[2], []):
                    yield _identity(name, direction, rule, resolve)
        else:
            (group, _) = properties["GroupId"]["Fn::GetAtt"]
            yield _identity(group, resource["Type"], properties, resolve)


def _identity(group: str, direction: str, rule: Mapping[str, Any], resolve: Any) -> tuple[str, ...]:
    own = {key: value for key, value in rule.items() if key not in ("Description", "GroupId")}
    return group, direction, *(f"{key}={resolve(own[key])}" for key in sorted(own))
