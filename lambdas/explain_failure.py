"""explainFailure: of all that went wrong, the first error, in words, with what AWS knows of the machine."""

import json
from typing import TYPE_CHECKING, Any

from lambdas.aws.clients import ec2_client, ecs_client, make_as_lambda_starts, named_aws_errors
from lambdas.aws.cluster import stopped_reason
from lambdas.aws.instances import find_instances
from lambdas.runtime.entry import Event, Result, entry_point
from lambdas.runtime.errors import InvalidEvent
from lambdas.runtime.settings import ClusterSettings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

LONGEST_CAUSE = 8000  # characters; Step Functions takes 32,768 bytes

make_as_lambda_starts(ec2_client, ecs_client)


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Name the failure that the execution ends with.

    Args:
        event: The state as it stands: ``failure`` where a state of the main branch failed, and the results of
            ``machines``, of which those that failed have ``error`` and ``failedAt``.
    """
    return explain_failure(event, ClusterSettings.from_env(), ec2_client(), ecs_client())


def explain_failure(state: Event, settings: ClusterSettings, ec2: "EC2Client", ecs: "ECSClient") -> Result:
    """Return the first error's name and cause, as a Fail state takes them."""
    failures = sorted(_failures(state), key=lambda failure: failure["failedAt"])
    if not failures:
        raise InvalidEvent("The event has no failure, neither of its own nor of one of its machines.")
    first, others = failures[0], failures[1:]
    sentences = [_with_machine(first)]
    for machine in _machines(state):
        if _touches(first, machine):
            sentences += _what_ec2_knows(machine["instanceName"], settings.stack_name, ec2)
            sentences += _what_ecs_knows(machine, settings.cluster, ecs)
    sentences += [f"Then: {_with_machine(other)}" for other in others]
    return {"Error": first["Error"], "Cause": "\n".join(sentences)[:LONGEST_CAUSE]}


def readable_cause(cause: str) -> str:
    """Return a Lambda error's message out of the JSON that Step Functions has as its cause."""
    try:
        answer = json.loads(cause)
    except ValueError:
        return cause
    return str(answer.get("errorMessage", cause)) if isinstance(answer, dict) else cause


def _machines(state: Event) -> list[dict[str, Any]]:
    return list(state.get("machines") or [])


def _failures(state: Event) -> list[dict[str, str]]:
    failures = [
        {
            "Error": machine["error"]["Error"],
            "Cause": readable_cause(machine["error"]["Cause"]),
            "failedAt": machine["failedAt"],
            "instanceName": machine["instanceName"],
        }
        for machine in _machines(state)
        if "error" in machine
    ]
    if "failure" in state:
        failure = state["failure"]
        failures.append(
            {
                "Error": failure["Error"],
                "Cause": readable_cause(failure["Cause"]),
                "failedAt": "",
                "instanceName": "",
            }
        )
    return failures


def _touches(failure: dict[str, str], machine: dict[str, Any]) -> bool:
    return failure["instanceName"] in ("", machine["instanceName"])


def _with_machine(failure: dict[str, str]) -> str:
    name, cause = failure["instanceName"], failure["Cause"].strip() or "no cause given"
    return f"{name}: {cause}" if name and name not in cause else cause


def _what_ec2_knows(name: str, stack_name: str, ec2: "EC2Client") -> list[str]:
    facts = []
    for instance in find_instances(ec2, stack_name, instance_name=name):
        state = instance["State"]["Name"]
        if state not in ("pending", "running"):
            reason = instance.get("StateTransitionReason") or "no reason given"
            facts.append(f"EC2 says that {name} is {state}: {reason}.")
    return facts


def _what_ecs_knows(machine: dict[str, Any], cluster: str, ecs: "ECSClient") -> list[str]:
    known = (machine.get("task") or {}).get("taskArn")
    if not known:
        return []
    tasks: list[Any] = list(ecs.describe_tasks(cluster=cluster, tasks=[known])["tasks"])
    return [
        f"ECS says that Node-RED on {machine['instanceName']} stopped: {stopped_reason(task)}."
        for task in tasks
        if task["lastStatus"] == "STOPPED"
    ]
