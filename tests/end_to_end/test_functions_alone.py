"""Every function called alone, with the event of docs/architecture.md, as from the Lambda console."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from lambdas.runtime.timestamps import from_iso
from local_cloud.cloud import LocalCloud
from local_cloud.settings import LocalCloudSettings
from organist.deploy.console_events import console_events

NOT_YET = {
    "InstanceNotRegistered",
    "NodeREDNotReady",
    "NotOnAirYet",
    "TaskStillStopping",
    "InstanceStillTerminating",
    "ClusterStillOccupied",
}
DEADLINE = 60.0  # seconds
NAME = "by-hand"


class FunctionError(Exception):
    """A function raised; its error's name and message."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    settings = LocalCloudSettings(
        data_dir=tmp_path_factory.mktemp("cloud"),
        boot_seconds=0.2,
        join_seconds=0.2,
    )
    with LocalCloud(settings) as running:
        yield running


class Console:
    """The Lambda console's test button."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._client = cloud.client("lambda")

    def test(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.invoke(FunctionName=function, Payload=json.dumps(event))
        output: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise FunctionError(output["errorType"], output["errorMessage"])
        return output

    def test_until_done(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """Press the button again as long as the function says not yet."""
        pressing = Retrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, FunctionError) and error.args[0] in NOT_YET
            ),
            stop=stop_after_delay(DEADLINE),
            wait=wait_fixed(0.2),
            reraise=True,
        )
        return pressing(self.test, function, event)


@pytest.fixture
def console(cloud: LocalCloud) -> Console:
    return Console(cloud)


def test_a_machine_by_hand_from_launch_to_nothing_left(console: Console, cloud: LocalCloud) -> None:
    """The events are those that the console offers; a person puts the machine's own address into them."""
    events = console_events()
    launched = console.test("newInstance", events["newInstance"])
    assert launched["instanceName"] == NAME
    again = console.test("newInstance", events["newInstance"])
    assert again | {"launchedAt": ""} == launched | {"launchedAt": ""}
    # EC2 tells the second only: not later than it was asked for.
    later = from_iso(again["launchedAt"]) - from_iso(launched["launchedAt"])
    assert timedelta() <= later <= timedelta(seconds=1)
    (shown,) = console.test("showInstances", events["showInstances"])["instances"]
    assert shown["instanceId"] == launched["instanceId"]

    task = console.test_until_done("startNodeRED", events["startNodeRED"])
    assert console.test("startNodeRED", events["startNodeRED"]) == task
    arns = {key: task[key] for key in ("taskArn", "containerInstanceArn")}
    progress = console.test("startNodeRED", events["startNodeRED"] | {"task": arns})
    assert progress.pop("lastStatus") in ("PROVISIONING", "PENDING", "RUNNING")
    assert progress == task

    params = console.test("makeModuleParams", events["makeModuleParams"])
    there = {"privateAddress": launched["privateAddress"]}
    install = events["installNodeREDModule"] | there
    assert install["moduleName"] == params["modules"][0]["moduleName"]
    installed = console.test_until_done("installNodeREDModule", install)
    assert "media-mixer" in installed["nodeTypes"]
    assert console.test("installNodeREDModule", install) == installed

    production = console.test("validateInput", events["validateInput"])
    assert production["warnings"] == []
    flow = console.test("makeAMix", events["makeAMix"])["flow"]
    assert console.test("makeAMix", production)["flow"] == flow == events["deployNodeREDModule"]["flow"]
    encode = console.test("makeAnEncode", events["makeAnEncode"])
    whole = {"production": production, "mixerAddress": events["makeAnEncode"]["mixerAddress"]}
    assert console.test("makeAnEncode", whole) == encode

    deploy = events["deployNodeREDModule"] | there
    deployed = console.test("deployNodeREDModule", deploy)
    assert console.test("deployNodeREDModule", deploy) == deployed
    (machine,) = events["checkProduction"]["machines"]
    on_air = console.test_until_done("checkProduction", {"machines": [machine | there]})
    assert [chain["chain"] for chain in on_air["chains"]] == ["mixer"]

    explained = console.test("explainFailure", events["explainFailure"])
    assert explained["Error"] == events["explainFailure"]["failure"]["Error"]
    reaped = console.test("reapInstances", events["reapInstances"])
    assert reaped["dryRun"] is True
    removed = console.test_until_done("terminateInstance", events["terminateInstance"])
    assert removed["instanceIds"] == [launched["instanceId"]]
    assert console.test("terminateInstance", events["terminateInstance"])["instanceName"] == NAME
    assert all(count.left == 0 for count in cloud.resources().values())


@pytest.mark.parametrize(
    "function",
    [
        "validateInput",
        "newInstance",
        "startNodeRED",
        "makeModuleParams",
        "installNodeREDModule",
        "makeAMix",
        "makeAnEncode",
        "deployNodeREDModule",
        "checkProduction",
        "explainFailure",
        "terminateInstance",
    ],
)
def test_an_empty_event_is_told_what_it_lacks(console: Console, function: str) -> None:
    with pytest.raises(FunctionError, match="The event has no") as raised:
        console.test(function, {})
    assert raised.value.args[0] == "InvalidEvent"


def test_no_secret_reaches_a_log(console: Console, cloud: LocalCloud) -> None:
    value = cloud.client("secretsmanager")
    secret = value.get_secret_value(SecretId=value.list_secrets()["SecretList"][0]["ARN"])["SecretString"]
    console.test("showInstances", {})
    logs = list((Path(cloud.settings.data_dir) / "logs").rglob("*.log"))
    assert logs
    assert not [log for log in logs if secret in log.read_text(errors="replace")]
