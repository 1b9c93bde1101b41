"""States for the tests' state machines."""

from typing import Any


def call(function: str, **state: Any) -> dict[str, Any]:
    """A state that invokes a function with the state's input."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
        **state,
    }
