"""Lambda as the project's functions see it."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import LocalCloud
from local_cloud.iam.authorizer import access_key_of
from tests.support.processes import runs
from tests.support.waiting import wait_until

Invoke = Callable[..., tuple[Any, str | None]]
NewFunction = Callable[..., str]
REGION = "eu-west-1"


def test_a_worker_stays_warm(new_function: NewFunction, invoke: Invoke) -> None:
    name = new_function("process")
    first, second = invoke(name)[0], invoke(name)[0]
    assert first == second
    assert first != os.getpid()


def test_concurrent_calls_have_a_process_each(new_function: NewFunction, cloud: LocalCloud) -> None:
    name = new_function("sleep", Timeout=20)
    client = cloud.client("lambda")
    begun = time.monotonic()
    calls = [
        threading.Thread(target=client.invoke, kwargs={"FunctionName": name, "Payload": '{"seconds": 1}'})
        for _ in range(8)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert time.monotonic() - begun < 5, "one after the other they would take 8 s"


def test_environment_is_the_functions_own(
    new_function: NewFunction,
    invoke: Invoke,
    cloud: LocalCloud,
    role_arn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OF_THE_PERSON", "secret")
    name = new_function("environment", Environment={"Variables": {"STACK_NAME": "s"}}, MemorySize=256)
    seen = invoke(name)[0]
    path = seen.pop("PATH")
    assert "/usr/bin" in path
    assert seen == {
        "STACK_NAME": "s",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": access_key_of(role_arn),
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "LANG": "C.UTF-8",
    }


def test_a_function_reaches_aws_by_its_environment_alone(
    new_function: NewFunction, invoke: Invoke, cloud: LocalCloud
) -> None:
    subnets = [subnet["SubnetId"] for subnet in cloud.client("ec2").describe_subnets()["Subnets"]]
    assert invoke(new_function("call_aws", Timeout=20))[0] == subnets


def test_context_tells_of_function_and_request(new_function: NewFunction, invoke: Invoke) -> None:
    name = new_function("context", Timeout=7, MemorySize=512)
    first, second = invoke(name)[0], invoke(name)[0]
    assert 6000 < first.pop("remaining") <= 7000
    assert first["aws_request_id"] != second["aws_request_id"]
    del first["aws_request_id"]
    assert first == {
        "function_name": name,
        "function_version": "$LATEST",
        "invoked_function_arn": f"arn:aws:lambda:{REGION}:123456789012:function:{name}",
        "memory_limit_in_mb": "512",
    }


def test_powertools_logs_with_the_context(
    new_function: NewFunction, invoke: Invoke, cloud: LocalCloud
) -> None:
    name = new_function("tests.contract.functions.with_powertools.handler")
    answer, error = invoke(name, {"n": 1})
    assert error is None
    line = json.loads((cloud.settings.data_dir / "logs" / "lambda" / f"{name}.log").read_text())
    assert line["message"] == "seen"
    assert line["function_name"] == name
    assert line["function_request_id"] == answer["request"]


def test_output_goes_to_the_functions_log(
    new_function: NewFunction, invoke: Invoke, cloud: LocalCloud
) -> None:
    name = new_function("say")
    invoke(name, {"out": "to standard output", "err": "to standard error"})
    log = (cloud.settings.data_dir / "logs" / "lambda" / f"{name}.log").read_text()
    assert log == "to standard output\nto standard error\n"


def test_an_exception_is_the_answer_and_the_worker_lives_on(
    new_function: NewFunction, invoke: Invoke
) -> None:
    name = new_function("fail")
    payload, error = invoke(name, {"error": "NodeREDNotReady", "message": "not yet"})
    assert error == "Unhandled"
    assert payload["errorType"] == "NodeREDNotReady"
    assert payload["errorMessage"] == "not yet"
    assert len(payload["requestId"]) == 36
    assert len(payload["stackTrace"]) == 1
    assert "handlers.py" in payload["stackTrace"][0]


def test_time_limit_kills_the_worker_and_its_children(
    new_function: NewFunction, invoke: Invoke, tmp_path: Path
) -> None:
    name = new_function("leave_child", Timeout=1)
    payload, error = invoke(name, {"note": str(tmp_path / "note")})
    assert error == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].startswith("RequestId: ")
    assert payload["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    processes = [int(number) for number in (tmp_path / "note").read_text().split()]
    wait_until(lambda: not any(runs(process) for process in processes))


@pytest.mark.parametrize(
    ("event", "how"), [({"code": 3}, "exit status 3"), ({"signal": "SIGKILL"}, "signal: killed")]
)
def test_a_worker_that_dies_is_an_exit_error(
    new_function: NewFunction, invoke: Invoke, event: dict[str, Any], how: str
) -> None:
    name = new_function("die")
    payload, error = invoke(name, event)
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith(f"Error: Runtime exited with error: {how}")
    assert invoke(name, event)[0]["errorType"] == "Runtime.ExitError", "the next call has a new worker"


def test_an_answer_that_is_no_json_is_a_marshal_error(new_function: NewFunction, invoke: Invoke) -> None:
    payload, error = invoke(new_function("unserialisable"))
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.MarshalError"


def test_a_module_that_does_not_load_is_an_import_error(new_function: NewFunction, invoke: Invoke) -> None:
    payload, error = invoke(new_function("tests.contract.functions.broken_import.handler"))
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ImportModuleError"
    assert "a_module_that_is_nowhere" in payload["errorMessage"]


def test_a_handler_that_is_missing_is_named(new_function: NewFunction, invoke: Invoke) -> None:
    payload, _ = invoke(new_function("nowhere"))
    assert payload["errorType"] == "Runtime.HandlerNotFound"
    assert "nowhere" in payload["errorMessage"]


def test_an_unknown_function_is_not_found(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="nobody")


def test_an_event_invocation_does_not_wait(
    new_function: NewFunction, cloud: LocalCloud, tmp_path: Path
) -> None:
    name = new_function("fail_first")
    counter = tmp_path / "calls"
    answer = cloud.client("lambda").invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({"counter": str(counter), "times": 0})
    )
    assert answer["StatusCode"] == 202
    wait_until(counter.exists)
