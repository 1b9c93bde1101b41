"""showInstances: the machines of one name, one production or all, with state and addresses."""

from typing import TYPE_CHECKING, Any

from lambdas.aws import tags
from lambdas.aws.clients import ec2_client, make_as_lambda_starts, named_aws_errors
from lambdas.aws.instances import find_instances
from lambdas.runtime.entry import Event, Result, entry_point
from lambdas.runtime.settings import StackSettings
from lambdas.runtime.timestamps import to_iso

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

make_as_lambda_starts(ec2_client)


@entry_point
@named_aws_errors
def handler(event: Event) -> Result:
    """Show machines.

    Args:
        event: May have ``instanceName``, ``productionId`` or ``executionArn``; without them every machine of
            the stack is shown, those that ended within about the last hour too.
    """
    return show_instances(event, StackSettings.from_env().stack_name, ec2_client())


def show_instances(event: Event, stack_name: str, ec2: "EC2Client") -> Result:
    """Return the stack's machines that the event asks for, newest first, and whether one is to go off air."""
    found = find_instances(
        ec2,
        stack_name,
        instance_name=event.get("instanceName", ""),
        production_id=event.get("productionId", ""),
        execution_arn=event.get("executionArn", ""),
    )
    shown = sorted(
        (_facts(instance) for instance in found), key=lambda facts: facts["launchedAt"], reverse=True
    )
    return {"instances": shown, "stopRequested": any(facts["stopRequestedAt"] for facts in shown)}


def _facts(instance: Any) -> dict[str, Any]:
    tagged = tags.read_tags(instance.get("Tags", []))
    return {
        "instanceName": tagged.get(tags.NAME),
        "instanceId": instance["InstanceId"],
        "instanceType": instance["InstanceType"],
        "state": instance["State"]["Name"],
        "stateReason": instance.get("StateTransitionReason") or None,
        "privateAddress": instance.get("PrivateIpAddress"),
        "publicAddress": instance.get("PublicIpAddress"),
        "launchedAt": to_iso(instance["LaunchTime"]),
        "productionId": tagged.get(tags.PRODUCTION),
        "executionArn": tagged.get(tags.EXECUTION),
        "expiresAt": tagged.get(tags.EXPIRES),
        "stopRequestedAt": tagged.get(tags.STOP),
    }
