"""Whether the functions are there and can be called.

https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from organist.account.aws_account import Account
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

CHECK = "functions"


def check_functions(_account: Account, parts: DeployedParts) -> list[Finding]:
    """Return a finding for each function that is not simply active, and one for all that are."""
    others = [
        finding
        for name, configuration in parts.functions.items()
        for finding in _unusual(f"{parts.prefix}{name}", configuration)
    ]
    active = len(parts.functions) - len({finding.what for finding in others})
    return [Finding(CHECK, "all", FindingState.OK, f"{active} of {len(parts.functions)} are Active"), *others]


def _unusual(name: str, configuration: "FunctionConfigurationResponseTypeDef | None") -> Iterator[Finding]:
    if configuration is None:
        yield Finding(
            CHECK,
            name,
            FindingState.FAILED,
            "it is not there",
            "Deploy again; what was removed by hand, deploy anew.",
        )
        return
    state, reason = configuration.get("State", "Active"), configuration.get("StateReason", "")
    if state == "Inactive":
        yield Finding(CHECK, name, FindingState.OK, "Inactive: it sleeps, and the next production wakes it")
    elif state == "Pending":
        yield Finding(
            CHECK, name, FindingState.WARNING, "Pending: it is being made", "Look again in a minute."
        )
    elif state != "Active":
        yield Finding(
            CHECK, name, FindingState.FAILED, f"{state}: {reason}", "Mend what Lambda names; deploy again."
        )
    update = configuration.get("LastUpdateStatus", "Successful")
    if update == "InProgress":
        yield Finding(CHECK, name, FindingState.WARNING, "it is being updated", "Look again in a minute.")
    elif update == "Failed":
        why = configuration.get("LastUpdateStatusReason", "")
        yield Finding(
            CHECK,
            name,
            FindingState.FAILED,
            f"its last update failed: {why}",
            "Mend what Lambda names; deploy again.",
        )
