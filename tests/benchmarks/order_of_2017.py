"""The order of 2017: the same functions and the same cloud, in the sequence and with the pauses of that time.

Read from https://github.com/Streampunk/organist, step_functions/dynamicNTS.json and lambdas/index.js of 2017.
Their polls are those of the waiters of the AWS SDK that they used: each asks at once, and then in steps.
"""

import json
from typing import Any

from local_cloud.cloud import LocalCloud

RUNNING_SECONDS = 15
"""newInstance waits for ``instanceRunning``, which is not so at the first look; the second is 15 s later."""
REGISTRATION_SECONDS = 40
"""newInstance then waits so long for the machine to join its cluster, and looks once."""
BRIEF_PAUSE_SECONDS = 20
"""BriefPause1 and BriefPause2."""
TASK_RUNNING_SECONDS = 6
"""startNodeRED waits for ``tasksRunning``, which is not so at the first look; the second is 6 s later."""
PAUSES_SECONDS = RUNNING_SECONDS + REGISTRATION_SECONDS + BRIEF_PAUSE_SECONDS + TASK_RUNNING_SECONDS
NAME = "order-of-2017"


def create_state_machine(cloud: LocalCloud) -> str:
    """Create it beside the deployed one, whose states and functions it has; return its ARN."""
    sfn = cloud.client("stepfunctions")
    deployed = sfn.describe_state_machine(stateMachineArn=cloud.state_machine_arn)
    definition = json.dumps(in_order_of_2017(json.loads(deployed["definition"])))
    made = sfn.create_state_machine(name=NAME, definition=definition, roleArn=deployed["roleArn"])
    return str(made["stateMachineArn"])


def in_order_of_2017(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a state machine's definition with its states put into the order of 2017.

    Each machine is launched and gets its modules; once both have, the mixer gets its flow, then the encoder.

    Args:
        definition: That of step_functions/dynamicNTS.json; it is changed.
    """
    states = definition["States"]
    launch = states.pop("LaunchAndWake")["Branches"][0]["States"]["Launch"]
    states["Launch"] = _next(launch, "AllLaunched")
    states["ValidateInput"]["Next"] = "Launch"
    launching = launch["ItemProcessor"]["States"]
    _pause(launching, "NewInstance", None, "InstanceRunning", RUNNING_SECONDS)
    _pause(launching, "InstanceRunning", None, "ContainerInstances", REGISTRATION_SECONDS)
    _pause(launching, "ContainerInstances", None, "BriefPause", BRIEF_PAUSE_SECONDS)

    states["AllLaunched"]["Default"] = "SetUp"
    set_up = states["SetUp"]
    set_up["ItemSelector"] = {"machine.$": "$$.Map.Item.Value"}
    setting_up = set_up["ItemProcessor"]["States"]
    deploy = setting_up.pop("DeployNodeREDModule")
    setting_up["Ready"] = {"Type": "Pass", "OutputPath": "$.machine", "End": True}
    setting_up["InstallModules"]["Next"] = "Ready"
    _pause(setting_up, "StartNodeRED", "MakeModuleParams", "TaskRunning", TASK_RUNNING_SECONDS)

    states["AllSetUp"]["Default"] = "MakeAMix"
    for number, (made, flow) in enumerate((("MakeAMix", "mix"), ("MakeAnEncode", "encode"))):
        after = ("MakeAnEncode", "GoOnAir")[number]
        states[made]["Next"] = name = f"Deploy{flow.title()}"
        states[name] = _next(_deploy_after(deploy, number, flow), after)
    return definition


def _pause(states: dict[str, Any], before: str, after: str | None, name: str, seconds: int) -> None:
    states[name] = _next({"Type": "Wait", "Seconds": seconds}, after)
    _next(states[before], name)


def _next(state: dict[str, Any], after: str | None) -> dict[str, Any]:
    """Lead a state on; without another one it is its branch's last."""
    state.pop("End", None)
    state.update({"End": True} if after is None else {"Next": after})
    return state


def _deploy_after(deploy: dict[str, Any], machine: int, flow: str) -> dict[str, Any]:
    payload = {
        name: place.replace("$.machine", f"$.machines[{machine}]")
        for name, place in deploy["Parameters"]["Payload"].items()
    } | {"upstream.$": f"$.{flow}.upstream", "flow.$": f"$.{flow}.flow"}
    kept = {name: value for name, value in deploy.items() if name not in ("OutputPath", "Catch")}
    return kept | {"Parameters": deploy["Parameters"] | {"Payload": payload}}
