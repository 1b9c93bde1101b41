"""Step Functions as the project's state machine uses it."""

import itertools
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.contract.states import call

Run = Callable[..., dict[str, Any]]


def test_fail_takes_error_and_cause_from_paths(run: Run) -> None:
    ended = run(
        {"F": {"Type": "Fail", "ErrorPath": "$.e.Error", "CausePath": "$.e.Cause"}},
        {"e": {"Error": "First", "Cause": "because"}},
    )
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "First", "because")


def test_fail_forms_its_cause_with_intrinsic_functions(run: Run) -> None:
    cause = "States.Format('left: {}', States.JsonToString($.left[*].error))"
    ended = run(
        {"F": {"Type": "Fail", "Error": "E", "CausePath": cause}}, {"left": [{"error": {"Error": "X"}}, {}]}
    )
    assert ended["cause"] == 'left: [{"Error":"X"}]'


def test_map_gives_each_branch_its_own_part_of_two_values(run: Run) -> None:
    ended = run(
        {
            "M": {
                "Type": "Map",
                "ItemsPath": "$.machines",
                "ItemSelector": {
                    "machine.$": "$$.Map.Item.Value",
                    "flow.$": "States.ArrayGetItem(States.Array($.a, $.b), $$.Map.Item.Index)",
                },
                "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
                "End": True,
            }
        },
        {"machines": ["one", "two"], "a": {"x": 1}, "b": {"x": 2}},
    )
    assert ended["output"] == [{"machine": "one", "flow": {"x": 1}}, {"machine": "two", "flow": {"x": 2}}]


def test_retry_by_custom_error_name_with_jitter_and_a_cap(run: Run, fail_first: str, tmp_path: Path) -> None:
    retry = {
        "ErrorEquals": ["NotYet"],
        "IntervalSeconds": 1,
        "BackoffRate": 10.0,
        "MaxDelaySeconds": 1,
        "MaxAttempts": 5,
        "JitterStrategy": "FULL",
    }
    counter = tmp_path / "calls"
    ended = run({"T": call(fail_first, Retry=[retry])}, {"counter": str(counter), "times": 3})
    assert ended["output"] == {"calls": 4}
    times = [float(line) for line in counter.read_text().splitlines()]
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert max(gaps) < 1.0 + 0.8, "the cap of one second holds from the second retry on"


def test_retries_end_and_the_error_stays(run: Run, fail_first: str, tmp_path: Path) -> None:
    retry = {"ErrorEquals": ["NotYet"], "IntervalSeconds": 1, "MaxDelaySeconds": 2, "MaxAttempts": 1}
    ended = run({"T": call(fail_first, Retry=[retry])}, {"counter": str(tmp_path / "calls"), "times": 9})
    assert ended["error"] == "NotYet"
    assert json.loads(ended["cause"])["errorMessage"] == "call 2"


def test_catch_within_a_branch_keeps_the_branch_and_the_others(run: Run, fail: str) -> None:
    ended = run(
        {
            "M": {
                "Type": "Map",
                "ItemsPath": "$",
                "ItemProcessor": {
                    "StartAt": "Choose",
                    "States": {
                        "Choose": {
                            "Type": "Choice",
                            "Choices": [{"Variable": "$.error", "IsPresent": True, "Next": "Bad"}],
                            "Default": "Good",
                        },
                        "Bad": {
                            **call(fail),
                            "Catch": [
                                {"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "Kept"}
                            ],
                        },
                        "Kept": {"Type": "Pass", "End": True},
                        "Good": {"Type": "Pass", "End": True},
                    },
                },
                "End": True,
            }
        },
        [{"error": "Torn"}, {"n": 2}],
    )
    bad, good = ended["output"]
    assert good == {"n": 2}
    assert bad["error"] == "Torn"
    assert bad["caught"]["Error"] == "Torn"
    assert json.loads(bad["caught"]["Cause"])["errorType"] == "Torn"


def test_context_object_of_execution_and_state(run: Run) -> None:
    parameters = {
        "id.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "start.$": "$$.Execution.StartTime",
        "input.$": "$$.Execution.Input",
        "entered.$": "$$.State.EnteredTime",
        "state.$": "$$.State.Name",
        "machine.$": "$$.StateMachine.Name",
    }
    ended = run({"P": {"Type": "Pass", "Parameters": parameters, "End": True}}, {"n": 1})
    seen = ended["output"]
    assert seen["id"] == ended["executionArn"]
    assert seen["name"] == ended["name"]
    assert seen["input"] == {"n": 1}
    assert seen["state"] == "P"
    assert seen["machine"] == ended["stateMachineArn"].rsplit(":", 1)[-1]
    for moment in (seen["start"], seen["entered"]):
        assert abs(datetime.fromisoformat(moment).timestamp() - ended["startDate"].timestamp()) < 5


def test_wait_takes_its_seconds_from_a_path(run: Run) -> None:
    begun = time.monotonic()
    ended = run({"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}}, {"seconds": 1})
    assert ended["status"] == "SUCCEEDED"
    assert 1.0 <= time.monotonic() - begun < 3.0


def test_time_limit_of_a_task_is_states_timeout(run: Run, sleep: str) -> None:
    begun = time.monotonic()
    ended = run({"T": call(sleep, TimeoutSeconds=1)}, {"seconds": 20})
    assert ended["error"] == "States.Timeout"
    assert time.monotonic() - begun < 5


def test_states_timeout_is_caught_by_its_name_but_not_as_a_failed_task(run: Run, sleep: str) -> None:
    catch = [
        {"ErrorEquals": ["States.TaskFailed"], "Next": "Wrong"},
        {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.caught", "Next": "Right"},
    ]
    ended = run(
        {
            "T": call(sleep, TimeoutSeconds=1, Catch=catch),
            "Right": {"Type": "Pass", "Result": "right", "End": True},
            "Wrong": {"Type": "Pass", "Result": "wrong", "End": True},
        },
        {"seconds": 20},
    )
    assert ended["output"] == "right"


def test_time_limit_of_the_machine_ends_it_timed_out(run: Run) -> None:
    states = {"W": {"Type": "Wait", "Seconds": 30, "End": True}}
    ended = run({"StartAt": "W", "TimeoutSeconds": 1, "States": states})
    assert ended["status"] == "TIMED_OUT"


def test_choice_on_presence_and_numbers(run: Run) -> None:
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.failed", "IsPresent": True, "Next": "Failed"},
                {"Variable": "$.count", "NumericGreaterThan": 0, "Next": "Some"},
            ],
            "Default": "None",
        },
        **{name: {"Type": "Pass", "Result": name, "End": True} for name in ("Failed", "Some", "None")},
    }
    outputs = [
        run(states, document)["output"]
        for document in ({"failed": {}, "count": 0}, {"count": 1}, {"count": 0})
    ]
    assert outputs == ["Failed", "Some", "None"]


def test_result_selector_and_result_path_on_an_invocation(run: Run, echo: str) -> None:
    state = call(echo, ResultSelector={"kept.$": "$.Payload.a.b"}, ResultPath="$.result")
    del state["OutputPath"]
    ended = run({"T": state}, {"a": {"b": [1, 2]}})
    assert ended["output"] == {"a": {"b": [1, 2]}, "result": {"kept": [1, 2]}}


def test_choice_on_the_presence_of_a_field_of_an_item(run: Run) -> None:
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [
                {
                    "Or": [{"Variable": f"$.machines[{n}].error", "IsPresent": True} for n in (0, 1)],
                    "Next": "Some",
                }
            ],
            "Default": "None",
        },
        **{name: {"Type": "Pass", "Result": name, "End": True} for name in ("Some", "None")},
    }
    documents = [
        {"machines": [{}, {}]},
        {"machines": [{}, {"error": {}}]},
        {"machines": [{"error": 1}, {}]},
        {},
    ]
    assert [run(states, document)["output"] for document in documents] == ["None", "Some", "Some", "None"]


def test_a_caught_error_goes_on_with_the_whole_input_whatever_the_output_path_takes(
    run: Run, fail: str
) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "P"}]
    state = call(fail, ResultPath=None, OutputPath="$.kept", Catch=catch)
    ended = run({"T": state, "P": {"Type": "Pass", "End": True}}, {"error": "Torn", "kept": {"n": 1}})
    assert (ended["output"]["error"], ended["output"]["caught"]["Error"]) == ("Torn", "Torn")


def test_output_path_takes_a_part_of_the_input_where_the_result_is_dropped(run: Run, echo: str) -> None:
    state = call(echo, ResultPath=None, OutputPath="$.kept")
    assert run({"T": state}, {"kept": {"n": 1}})["output"] == {"n": 1}


def test_a_caught_error_takes_the_place_of_an_input_that_is_no_object(run: Run, fail: str) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "P"}]
    keep = {"Type": "Pass", "Parameters": {"failure.$": "$"}, "End": True}
    state = call(fail, Catch=catch, Parameters={"FunctionName": fail, "Payload": {"error": "Torn"}})
    ended = run({"T": state, "P": keep}, [1, 2])
    assert ended["output"]["failure"]["Error"] == "Torn"


def test_the_time_of_a_state_beside_its_input(run: Run) -> None:
    state = {"Type": "Pass", "InputPath": "$$.State.EnteredTime", "ResultPath": "$.failedAt", "End": True}
    ended = run({"P": state}, {"n": 1})
    assert ended["output"]["n"] == 1
    datetime.fromisoformat(ended["output"]["failedAt"])


def test_fail_takes_the_first_of_what_a_path_finds(run: Run) -> None:
    first = "States.ArrayGetItem($.machines[*].error.{}, 0)"
    state = {"Type": "Fail", "ErrorPath": first.format("Error"), "CausePath": first.format("Cause")}
    ended = run({"F": state}, {"machines": [{}, {"error": {"Error": "Torn", "Cause": "because"}}]})
    assert (ended["error"], ended["cause"]) == ("Torn", "because")


def test_json_merge_and_a_field_after_an_index(run: Run) -> None:
    parameters = {"merged.$": "States.JsonMerge($.a, $.b, false)", "first.$": "$.list[0].address"}
    ended = run(
        {"P": {"Type": "Pass", "Parameters": parameters, "End": True}},
        {"a": {"x": 1, "y": 1}, "b": {"y": 2}, "list": [{"address": "127.0.0.2"}, {"address": "127.0.0.3"}]},
    )
    assert ended["output"] == {"merged": {"x": 1, "y": 2}, "first": "127.0.0.2"}


def test_lambda_errors_reach_catch_by_name(run: Run, fail: str) -> None:
    catch = [{"ErrorEquals": ["InstanceNotRegistered"], "Next": "Right"}]
    states = {"T": call(fail, Catch=catch), "Right": {"Type": "Pass", "Result": "right", "End": True}}
    assert run(states, {"error": "InstanceNotRegistered"})["output"] == "right"
    assert run(states, {"error": "Other"})["error"] == "Other"
