"""Machines for the tests: launched as the project's own handler launches them."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from local_cloud.cloud import LocalCloud
from tests.support.waiting import wait_until


def user_data(cluster: str, minutes: int = 60) -> str:
    """The project's script in short."""
    lines = (
        "#!/bin/bash",
        "# shutdown -P +0",
        f"shutdown -P +{minutes}",
        f"echo ECS_CLUSTER={cluster} >> /etc/ecs/ecs.config",
    )
    return "\n".join(lines)


AGENT = (
    *("DiscoverPollEndpoint", "RegisterContainerInstance", "Poll", "StartTelemetrySession"),
    *("SubmitTaskStateChange", "SubmitContainerStateChange"),
)


def machine_profile(cloud: LocalCloud, name: str = "machines", actions: tuple[str, ...] = AGENT) -> str:
    """The name of an instance profile whose role may do what an ECS agent does; made at the first call."""
    iam = cloud.client("iam")
    if name in {found["InstanceProfileName"] for found in iam.list_instance_profiles()["InstanceProfiles"]}:
        return name
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    allowed = {"Effect": "Allow", "Action": [f"ecs:{action}" for action in actions], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName=name, PolicyName="agent", PolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


def launch(cloud: LocalCloud, name: str = "", *, script: str = "", **parameters: Any) -> dict[str, Any]:
    """RunInstances for one machine; return the API's instance."""
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}] if name else []
    answer = cloud.client("ec2").run_instances(
        **{
            "ImageId": "ami-12345678",
            "InstanceType": "t3.medium",
            "MinCount": 1,
            "MaxCount": 1,
            "TagSpecifications": tags,
            "IamInstanceProfile": {"Name": machine_profile(cloud)},
            "UserData": script,
            **parameters,
        }
    )
    return dict(answer["Instances"][0])


def instance(cloud: LocalCloud, instance_id: str) -> dict[str, Any]:
    """DescribeInstances for one machine."""
    found = cloud.client("ec2").describe_instances(InstanceIds=[instance_id])
    return dict(found["Reservations"][0]["Instances"][0])


def state(cloud: LocalCloud, instance_id: str) -> str:
    """The machine's state."""
    return str(instance(cloud, instance_id)["State"]["Name"])


def until_state(cloud: LocalCloud, instance_id: str, wanted: str) -> None:
    """Wait until the machine is in a state."""
    wait_until(lambda: state(cloud, instance_id) == wanted)


def terminate(cloud: LocalCloud, instance_id: str) -> None:
    """Terminate and wait for it."""
    cloud.client("ec2").terminate_instances(InstanceIds=[instance_id])
    until_state(cloud, instance_id, "terminated")


SLEEP = "import time; time.sleep(300)"


class Member:
    """A cluster with one machine that has joined it."""

    def __init__(self, cloud: LocalCloud, **parameters: Any) -> None:
        self.cloud = cloud
        self.ecs = cloud.client("ecs")
        self.cluster = f"c-{uuid.uuid4().hex[:8]}"
        self.ecs.create_cluster(clusterName=self.cluster)
        launched = launch(cloud, self.cluster, script=user_data(self.cluster), **parameters)
        self.instance_id = str(launched["InstanceId"])
        self.address = str(launched["PrivateIpAddress"])
        self.arn = str(wait_until(self.list)[0])

    def list(self) -> list[str]:
        """ListContainerInstances."""
        return list(self.ecs.list_container_instances(cluster=self.cluster)["containerInstanceArns"])

    def describe(self) -> dict[str, Any]:
        """DescribeContainerInstances for the machine."""
        found = self.ecs.describe_container_instances(cluster=self.cluster, containerInstances=[self.arn])
        return dict(found["containerInstances"][0])

    def define(self, program: str, **container: Any) -> str:
        """Register a task definition that runs a Python program; return its ARN."""
        definition = {
            "name": "main",
            "image": "test/python",
            "command": [program],
            "memoryReservation": 128,
            "stopTimeout": 2,
            **container,
        }
        registered = self.ecs.register_task_definition(
            family=f"f-{uuid.uuid4().hex[:8]}",
            requiresCompatibilities=["EC2"],
            containerDefinitions=[definition],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def run(self, definition: str, **parameters: Any) -> str:
        """RunTask for one task; return its ARN."""
        answer = self.ecs.run_task(cluster=self.cluster, taskDefinition=definition, **parameters)
        assert answer["failures"] == []
        return str(answer["tasks"][0]["taskArn"])

    def task(self, arn: str) -> dict[str, Any]:
        """DescribeTasks for one task."""
        return dict(self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0])

    def until(
        self, arn: str, condition: Callable[[dict[str, Any]], bool], seconds: float = 15
    ) -> dict[str, Any]:
        """Wait until a task's description is as wanted; return it."""

        def see() -> dict[str, Any] | None:
            task = self.task(arn)
            return task if condition(task) else None

        found = wait_until(see, seconds)
        assert found is not None
        return found

    def until_status(self, arn: str, status: str) -> dict[str, Any]:
        """Wait until a task's last status is this."""
        return self.until(arn, lambda task: task["lastStatus"] == status)

    def end(self) -> None:
        """Everything away."""
        terminate(self.cloud, self.instance_id)
        for arn in self.list():
            self.ecs.deregister_container_instance(cluster=self.cluster, containerInstance=arn, force=True)
        self.ecs.delete_cluster(cluster=self.cluster)
