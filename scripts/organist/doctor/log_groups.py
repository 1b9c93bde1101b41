"""Whether the log groups are there that functions, containers and the state machine write to."""

from typing import TYPE_CHECKING

from organist.account.aws_account import Account
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

CHECK = "logs"


def check_log_groups(account: Account, parts: DeployedParts) -> list[Finding]:
    """Return a finding for each group that is not there, and one for all that are."""
    logs = account.logs
    tasks = _of_tasks(account, parts)
    wanted = dict.fromkeys([*_of_functions(parts), *_of_state_machine(parts), *tasks])
    there = {name: _is_there(logs, name) for name in wanted}
    counted = f"{sum(there.values())} of {len(there)} groups are there"
    return [
        Finding(CHECK, "all", FindingState.OK, counted),
        *(_missing(name, needed=name in tasks) for name, found in there.items() if not found),
    ]


def _of_functions(parts: DeployedParts) -> list[str]:
    found = (one for one in parts.functions.values() if one is not None)
    return [
        one.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{one['FunctionName']}") for one in found
    ]


def _of_state_machine(parts: DeployedParts) -> list[str]:
    destinations = parts.state_machine.get("loggingConfiguration", {}).get("destinations", [])
    arns = [one.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for one in destinations]
    return [arn.partition(":log-group:")[2].removesuffix(":*") for arn in arns if arn]


def _of_tasks(account: Account, parts: DeployedParts) -> list[str]:
    names = []
    for arn in parts.task_definitions:
        task = account.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        for container in task["containerDefinitions"]:
            options = container.get("logConfiguration", {}).get("options", {})
            names += [options["awslogs-group"]] if "awslogs-group" in options else []
    return names


def _is_there(logs: "CloudWatchLogsClient", name: str) -> bool:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return any(group.get("logGroupName") == name for page in pages for group in page["logGroups"])


def _missing(name: str, *, needed: bool) -> Finding:
    advice = f"Make it: aws logs create-log-group --log-group-name {name}"
    if needed:
        return Finding(
            CHECK, name, FindingState.FAILED, "is not there, and without it no container starts", advice
        )
    return Finding(CHECK, name, FindingState.WARNING, "is not there: what is written to it is lost", advice)
