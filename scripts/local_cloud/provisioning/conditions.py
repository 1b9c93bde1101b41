"""A template's Conditions: whether a resource is made, which of two values holds.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.errors import TemplateError


class Conditions:
    """Tells which of a template's conditions hold.

    Args:
        declared: The template's Conditions.
        resolve: Replaces the references in a value.
    """

    def __init__(self, declared: Mapping[str, Any], resolve: Callable[[Any], Any]) -> None:
        self._declared = declared
        self._resolve = resolve

    def holds(self, name: str) -> bool:
        """Whether the condition of that name holds; ``TemplateError`` if there is none."""
        if name not in self._declared:
            raise TemplateError(f"template.yaml uses the condition {name}, which it does not declare.")
        return self._judge(self._declared[name])

    def _judge(self, condition: Any) -> bool:
        ((function, argument),) = condition.items()
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::Equals":
            first, second = (self._resolve(side) for side in argument)
            return str(first) == str(second)
        if function == "Fn::Not":
            return not self._judge(argument[0])
        if function == "Fn::And":
            return all(self._judge(part) for part in argument)
        if function == "Fn::Or":
            return any(self._judge(part) for part in argument)
        raise TemplateError(f"The local cloud does not know {function} in a condition.")
