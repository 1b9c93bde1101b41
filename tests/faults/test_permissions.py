"""Whatever a production was seen to call, its functions' policies in template.yaml allow."""

from typing import Any

import pytest

from local_cloud.paths import REPOSITORY
from local_cloud.stack.template import read_template
from tests.faults.plan import Service
from tests.faults.record import Record
from tests.faults.states import all_states


def allowed_operations(function: dict[str, Any]) -> set[str]:
    statements = [
        statement
        for policy in function["Properties"].get("Policies", [])
        for statement in policy.get("Statement", [])
    ]
    return {action.partition(":")[2] for statement in statements for action in statement["Action"]}


@pytest.mark.xfail(
    strict=True,
    reason="terminateInstance calls DescribeClusters and DescribeContainerInstances; its policy has neither",
)
def test_every_call_is_allowed(recorded: Record) -> None:
    functions = read_template(REPOSITORY / "template.yaml")["Resources"]
    refused = set()
    for call in recorded.calls():
        if call.service is Service.AWS:
            reference = all_states()[call.state]["Parameters"]["FunctionName"]
            function = functions[reference.removeprefix("${").removesuffix("Arn}")]
            if call.operation not in allowed_operations(function):
                refused.add(f"{call.state}: {call.operation}")
    assert not refused
