"""What `organist doctor` asks about is what productions ask for; `make calls` records it again."""

import re

import pytest

from local_cloud.iam.reference import ACTIONS
from organist.doctor.checked_calls import CheckedCall, read_calls
from tests.faults.record_calls import asked_by
from tests.faults.recorded_calls import RecordedCalls, aborts
from tests.faults.testbeds import FaultTestbeds


def test_the_list_is_what_productions_ask_for(recorded: RecordedCalls, testbeds: FaultTestbeds) -> None:
    listed, asked = set(read_calls()), set(asked_by(recorded.results))
    # Only what is stopped on its way is torn down by the reaper; the later, the more there is.
    for plan in reversed(list(aborts(recorded.states()))):
        if listed <= asked:
            break
        asked |= testbeds.run(plan).asked
    assert asked <= listed, "productions ask for more: make calls"
    assert listed <= asked, "productions ask for less: make calls"


@pytest.mark.parametrize("call", read_calls(), ids=lambda call: f"{call.subject} {call.action}")
def test_each_names_a_resource_and_keys_that_aws_checks(call: CheckedCall) -> None:
    """Of the types in the table of what AWS checks: the simulator answers about others, too."""
    known = ACTIONS[call.action]
    assert resource_type(call.resource) in known.resources
    for key, _ in call.context:
        assert key.startswith("aws:ResourceTag/") or any(
            key == one or (one.endswith("/") and key.startswith(one)) for one in known.keys
        ), key


def resource_type(resource: str) -> str:
    """Return the type of an ARN, as the service authorization reference calls it."""
    named = {"${TaskDefinition}": "task-definition", "*": "*"}
    if resource in named:
        return named[resource]
    if re.fullmatch(r"\$\{\w+Role\}", resource):
        return "role"
    rest = resource.split(":", 5)[5]
    if resource.startswith("arn:aws:s3:::"):
        return "object" if "/" in rest else "bucket"
    return re.split("[:/]", rest)[0]
