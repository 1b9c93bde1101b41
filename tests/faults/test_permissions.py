"""Whatever a production was seen to call, the role of the function that called it allows."""

from tests.faults.plan import Service
from tests.faults.record import Record
from tests.faults.states import all_states
from tests.unit.template.plain import plain_template
from tests.unit.template.statements import allowed_actions


def test_every_call_is_allowed(recorded: Record) -> None:
    template = plain_template()
    refused = set()
    for call in recorded.calls():
        if call.service is Service.AWS:
            reference = all_states()[call.state]["Parameters"]["FunctionName"]
            function = reference.removeprefix("${").removesuffix("Arn}")
            allowed = {action.partition(":")[2] for action in allowed_actions(template, function)}
            if call.operation not in allowed:
                refused.add(f"{call.state}: {call.operation}")
    assert not refused
