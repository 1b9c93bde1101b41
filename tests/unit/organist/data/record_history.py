"""Record an execution's history from a production on the local cloud, with no more than the tests read of it.

Usage: ``python -m tests.unit.organist.data.record_history``
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from local_cloud.cloud import LocalCloud
from local_cloud.paths import REPOSITORY
from local_cloud.settings import LocalCloudSettings

RECORDED = Path(__file__).parent / "recorded_history.json"
DETAILS = {"stateEnteredEventDetails": "input", "stateExitedEventDetails": "output"}
KEPT = ("id", "previousEventId", "type")


def main() -> None:
    """Run the example production, and keep its history."""
    document = (REPOSITORY / "step_functions" / "mediaInput.json").read_text()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCloud(
            LocalCloudSettings(
                data_dir=Path(folder),
            )
        ) as cloud,
    ):
        sfn = cloud.client("stepfunctions")
        arn = sfn.start_execution(stateMachineArn=cloud.state_machine_arn, input=document)["executionArn"]
        while sfn.describe_execution(executionArn=arn)["status"] == "RUNNING":
            time.sleep(1)
        pages = sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = [_short(event) for page in pages for event in page["events"]]
    RECORDED.write_text("[\n" + ",\n".join(json.dumps(event) for event in events) + "\n]\n")


def _short(event: Any) -> dict[str, Any]:
    kept = {key: event[key] for key in KEPT} | {"timestamp": str(event["timestamp"])}
    for details, data in DETAILS.items():
        if details in event:
            message = json.loads(event[details].get(data) or "{}")
            kept[details] = {"name": event[details]["name"], data: json.dumps(_machine(message))}
    return kept


def _machine(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict):
        return {}
    if "machine" in message:
        return {"machine": {"instanceName": message["machine"]["instanceName"]}}
    kept = {key: message[key] for key in ("instanceName", "instanceType", "error") if key in message}
    return kept | ({"onAir": {"chains": []}} if "onAir" in message else {})


if __name__ == "__main__":
    main()
