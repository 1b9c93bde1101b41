"""Calls are judged by the policies of the role that signs them, on the resource that AWS checks."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.cloud import LocalCloud
from local_cloud.iam.authorizer import access_key_of
from tests.contract.machines import AGENT, SLEEP, Member, launch, machine_profile, terminate, user_data
from tests.support.waiting import wait_until

Statement = dict[str, Any]
ECS = "arn:aws:ecs:eu-west-1:123456789012:"
EC2 = "arn:aws:ec2:eu-west-1:123456789012:"


class Role:
    """A role with some statements, and clients that sign as it."""

    def __init__(self, cloud: LocalCloud, *statements: Statement) -> None:
        self._cloud, self.name = cloud, f"role-{uuid.uuid4().hex[:8]}"
        iam = cloud.client("iam")
        self.arn = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        if statements:
            self.may(*statements)

    def may(self, *statements: Statement) -> None:
        """Put these statements in place of the ones before."""
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
        self._cloud.client("iam").put_role_policy(
            RoleName=self.name, PolicyName="own", PolicyDocument=json.dumps(document)
        )

    def client(self, service: str) -> Any:
        session = boto3.Session(access_key_of(self.arn), "secret", region_name=self._cloud.region)
        return session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self._cloud.endpoint,
            config=Config(retries={"total_max_attempts": 1}),
        )


NewRole = Callable[..., Role]


@pytest.fixture
def role(cloud: LocalCloud) -> NewRole:
    """Make a role of statements."""
    return lambda *statements: Role(cloud, *statements)


def denied(call: Callable[[], Any]) -> str:
    """The words in which a call is denied."""
    with pytest.raises(ClientError) as error:
        call()
    assert error.value.response["Error"]["Code"] in ("AccessDeniedException", "UnauthorizedOperation")
    return str(error.value.response["Error"]["Message"])


def anywhere(action: str) -> Statement:
    return {"Action": action, "Resource": "*"}


def test_without_a_permission_ecs_and_ec2_refuse_in_their_own_words(role: NewRole, member: Member) -> None:
    nobody = role(anywhere("ec2:DescribeSubnets"))
    ecs = nobody.client("ecs")
    message = denied(lambda: ecs.list_container_instances(cluster=member.cluster))
    assert message == (
        f"User: arn:aws:sts::123456789012:assumed-role/{nobody.name}/local is not authorized to perform: "
        f"ecs:ListContainerInstances on resource: {ECS}cluster/{member.cluster} because no identity-based "
        "policy allows the ecs:ListContainerInstances action"
    )
    with pytest.raises(ClientError) as error:
        nobody.client("ec2").describe_instances()
    assert error.value.response["Error"]["Code"] == "UnauthorizedOperation"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_policy_that_is_put_holds_from_then_on(role: NewRole, member: Member) -> None:
    changing = role(anywhere("ec2:DescribeSubnets"))
    ecs = changing.client("ecs")
    assert denied(lambda: ecs.list_container_instances(cluster=member.cluster))
    changing.may({"Action": "ecs:ListContainerInstances", "Resource": f"{ECS}cluster/{member.cluster}"})
    assert ecs.list_container_instances(cluster=member.cluster)["containerInstanceArns"] == [member.arn]


def test_list_tasks_of_a_whole_cluster_is_checked_on_everything(role: NewRole, member: Member) -> None:
    """What four roles had, and what no account lets through: cdklabs/construct-hub pull 1207."""
    on_machines = role({"Action": "ecs:ListTasks", "Resource": f"{ECS}container-instance/*"})
    ecs = on_machines.client("ecs")
    assert "ecs:ListTasks on resource: *" in denied(lambda: ecs.list_tasks(cluster=member.cluster))
    # widdix/complete-aws-iam-reference 74: with a container instance it works.
    assert ecs.list_tasks(cluster=member.cluster, containerInstance=member.arn)["taskArns"] == []

    condition = {"ArnEquals": {"ecs:cluster": f"{ECS}cluster/{member.cluster}"}}
    ours = role({**anywhere("ecs:ListTasks"), "Condition": condition}).client("ecs")
    assert ours.list_tasks(cluster=member.cluster)["taskArns"] == []
    assert denied(lambda: ours.list_tasks(cluster="another"))


def test_run_task_needs_its_definition_its_tags_and_its_roles(
    cloud: LocalCloud, role: NewRole, member: Member
) -> None:
    passed = role().arn
    registered = cloud.client("ecs").register_task_definition(
        family=f"f-{uuid.uuid4().hex[:8]}",
        taskRoleArn=passed,
        requiresCompatibilities=["EC2"],
        containerDefinitions=[
            {"name": "main", "image": "test/python", "command": [SLEEP], "memoryReservation": 16}
        ],
    )["taskDefinition"]
    family, arn = registered["family"], registered["taskDefinitionArn"]
    run: Statement = {
        "Action": "ecs:RunTask",
        "Resource": f"{ECS}task-definition/{family}:*",
        "Condition": {
            "StringEquals": {"aws:RequestTag/organist:stack": "organist"},
            "ArnEquals": {"ecs:cluster": f"{ECS}cluster/{member.cluster}"},
        },
    }
    tag: Statement = {
        "Action": "ecs:TagResource",
        "Resource": f"{ECS}task/{member.cluster}/*",
        "Condition": {"StringEquals": {"ecs:CreateAction": "RunTask"}},
    }
    hand_on: Statement = {
        "Action": "iam:PassRole",
        "Resource": passed,
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }
    request: dict[str, Any] = {"cluster": member.cluster, "taskDefinition": family}
    tags = [{"key": "organist:stack", "value": "organist"}]

    def call(*statements: Statement, **more: Any) -> Any:
        return lambda: role(*statements).client("ecs").run_task(**request, **more)

    # A family is resolved to its revision before anything is asked.
    assert f"ecs:RunTask on resource: {arn}" in denied(call(tag, hand_on, tags=tags))
    assert "ecs:RunTask" in denied(call(run, tag, hand_on))
    assert f"ecs:TagResource on resource: {ECS}task/{member.cluster}/*" in denied(
        call(run, hand_on, tags=tags)
    )
    assert f"iam:PassRole on resource: {passed}" in denied(call(run, tag, tags=tags))
    task = call(run, tag, hand_on, tags=tags)()["tasks"][0]["taskArn"]

    stop: Statement = {
        "Action": ["ecs:StopTask", "ecs:DescribeTasks"],
        "Resource": f"{ECS}task/{member.cluster}/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/organist:stack": "another"}},
    }
    where = {"cluster": member.cluster, "task": task}
    assert denied(lambda: role(stop).client("ecs").stop_task(**where))
    stop["Condition"]["StringEquals"]["aws:ResourceTag/organist:stack"] = "organist"
    stopping = role(stop).client("ecs")
    assert stopping.describe_tasks(cluster=member.cluster, tasks=[task])["tasks"]
    stopping.stop_task(**where)
    member.until_status(task, "STOPPED")


class Launch:
    """RunInstances by a launch template, and the statements that it needs."""

    def __init__(self, cloud: LocalCloud) -> None:
        ec2 = cloud.client("ec2")
        self.subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        self.vpc = ec2.describe_subnets(SubnetIds=[self.subnet])["Subnets"][0]["VpcId"]
        self.group = ec2.create_security_group(
            GroupName=f"g-{uuid.uuid4().hex[:8]}", Description="d", VpcId=self.vpc
        )["GroupId"]
        self.template = ec2.create_launch_template(
            LaunchTemplateName=f"t-{uuid.uuid4().hex[:8]}",
            LaunchTemplateData={"SecurityGroupIds": [self.group], "InstanceType": "t3.medium"},
        )["LaunchTemplate"]["LaunchTemplateId"]
        by_template = {"ArnLike": {"ec2:LaunchTemplate": f"{EC2}launch-template/{self.template}"}}
        tagged = {"StringEquals": {"aws:RequestTag/organist:stack": "organist"}}
        made = [f"{EC2}{kind}/*" for kind in ("instance", "volume", "network-interface")]
        self.statements: dict[str, Statement] = {
            "instance": {"Resource": made, "Condition": {**tagged, **by_template}},
            "launch-template": {"Resource": f"{EC2}launch-template/{self.template}"},
            "security-group": {
                "Resource": f"{EC2}security-group/*",
                "Condition": {"Bool": {"ec2:IsLaunchTemplateResource": "true"}, **by_template},
            },
            "subnet": {
                "Resource": f"{EC2}subnet/*",
                "Condition": {"ArnEquals": {"ec2:Vpc": f"{EC2}vpc/{self.vpc}"}},
            },
            "image": {
                "Resource": "arn:aws:ec2:eu-west-1::image/ami-*",
                "Condition": {"StringEquals": {"ec2:Owner": "amazon"}},
            },
        }
        create = {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
        self.tags: Statement = {"Action": "ec2:CreateTags", "Resource": made, "Condition": create}

    def allow(self, *left_out: str) -> list[Statement]:
        statements = [one for name, one in self.statements.items() if name not in left_out]
        allowed = [{"Action": "ec2:RunInstances", **one} for one in statements]
        return allowed if "tags" in left_out else [*allowed, self.tags]

    def request(self, **changed: Any) -> dict[str, Any]:
        tags = [{"Key": "organist:stack", "Value": "organist"}]
        kinds = ("instance", "volume", "network-interface")
        return {
            "LaunchTemplate": {"LaunchTemplateId": self.template, "Version": "1"},
            "ImageId": "ami-12345678",
            "SubnetId": self.subnet,
            "MinCount": 1,
            "MaxCount": 1,
            "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in kinds],
            **changed,
        }


@pytest.fixture
def launching(cloud: LocalCloud) -> Launch:
    return Launch(cloud)


@pytest.mark.parametrize("missing", ["instance", "launch-template", "security-group", "subnet", "image"])
def test_run_instances_needs_every_resource_that_it_touches(
    role: NewRole, launching: Launch, missing: str
) -> None:
    ec2 = role(*launching.allow(missing)).client("ec2")
    message = denied(lambda: ec2.run_instances(**launching.request()))
    assert "ec2:RunInstances" in message
    assert f"{missing}/" in message


def test_a_machine_image_of_the_accounts_own_is_no_amazons(
    cloud: LocalCloud, role: NewRole, launching: Launch
) -> None:
    owner = cloud.client("ec2")
    machine = owner.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0][
        "InstanceId"
    ]
    image = owner.create_image(InstanceId=machine, Name=f"i-{uuid.uuid4().hex[:8]}")["ImageId"]
    owner.terminate_instances(InstanceIds=[machine])
    request = launching.request(ImageId=image)
    assert "image/" in denied(lambda: role(*launching.allow()).client("ec2").run_instances(**request))
    of_the_stack: Statement = {
        "Action": "ec2:RunInstances",
        "Resource": "arn:aws:ec2:eu-west-1::image/ami-*",
        "Condition": {
            "StringEquals": {"ec2:Owner": "123456789012", "aws:ResourceTag/organist:stack": "organist"}
        },
    }
    ec2 = role(*launching.allow(), of_the_stack).client("ec2")
    assert "image/" in denied(lambda: ec2.run_instances(**request)), "it is nobody's"
    owner.create_tags(Resources=[image], Tags=[{"Key": "organist:stack", "Value": "organist"}])
    launched = ec2.run_instances(**request)["Instances"][0]["InstanceId"]
    owner.terminate_instances(InstanceIds=[launched])


def test_run_instances_with_tags_needs_create_tags(role: NewRole, launching: Launch) -> None:
    ec2 = role(*launching.allow("tags")).client("ec2")
    assert "ec2:CreateTags" in denied(lambda: ec2.run_instances(**launching.request()))


def test_what_the_launch_template_does_not_name_is_not_its_resource(role: NewRole, launching: Launch) -> None:
    ec2 = role(*launching.allow()).client("ec2")
    own_group = launching.request(SecurityGroupIds=[launching.group])
    assert "security-group/" in denied(lambda: ec2.run_instances(**own_group))
    assert "instance/" in denied(lambda: ec2.run_instances(**launching.request(TagSpecifications=[])))


def test_a_machine_is_launched_and_ended_by_those_who_may(
    cloud: LocalCloud, role: NewRole, launching: Launch
) -> None:
    ec2 = role(*launching.allow()).client("ec2")
    machine = ec2.run_instances(**launching.request())["Instances"][0]["InstanceId"]
    end: Statement = {
        "Action": "ec2:TerminateInstances",
        "Resource": f"{EC2}instance/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/organist:stack": "organist"}},
    }
    untagged = cloud.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    ending = role(end).client("ec2")
    other = untagged["Instances"][0]["InstanceId"]
    assert denied(lambda: ending.terminate_instances(InstanceIds=[other]))
    ending.terminate_instances(InstanceIds=[machine])
    cloud.client("ec2").terminate_instances(InstanceIds=[other])


def test_the_simulator_answers_as_the_calls_do(cloud: LocalCloud, role: NewRole) -> None:
    condition = {"ArnEquals": {"ecs:cluster": f"{ECS}cluster/ours"}}
    arn = role(
        {**anywhere("ecs:ListTasks"), "Condition": condition},
        {"Effect": "Deny", "Action": "ecs:StopTask", "Resource": "*"},
    ).arn

    def decisions(*names: str, cluster: str = "ours") -> list[str]:
        entry = {
            "ContextKeyName": "ecs:cluster",
            "ContextKeyValues": [f"{ECS}cluster/{cluster}"],
            "ContextKeyType": "string",
        }
        answer = cloud.client("iam").simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=list(names), ContextEntries=[entry]
        )
        return [result["EvalDecision"] for result in answer["EvaluationResults"]]

    assert decisions("ecs:ListTasks", "ecs:StopTask", "ecs:RunTask") == [
        "allowed",
        "explicitDeny",
        "implicitDeny",
    ]
    assert decisions("ecs:ListTasks", cluster="another") == ["implicitDeny"]


def test_the_simulator_refuses_what_is_no_question(cloud: LocalCloud, role: NewRole) -> None:
    iam, arn = cloud.client("iam"), role(anywhere("ecs:ListTasks")).arn

    def code(**asked: Any) -> str:
        with pytest.raises(ClientError) as error:
            iam.simulate_principal_policy(
                **{"PolicySourceArn": arn, "ActionNames": ["ecs:ListTasks"], **asked}
            )
        return str(error.value.response["Error"]["Code"])

    entry = {"ContextKeyName": "ecs:cluster", "ContextKeyValues": ["any"], "ContextKeyType": "arn"}
    assert code(ContextEntries=[entry]) == "ValidationError"
    assert code(PolicySourceArn=f"{arn}-of-nobody") == "NoSuchEntity"
    assert code(ActionNames=["ecs:ListTsks"]) == "InvalidInput"


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "ecs:ListTsks", "Resource": "*"},
        {"Action": "ecs:ListTasks", "Resource": "*", "Condition": {"ArnEquals": {"ecs:clustr": "*"}}},
        {"Action": "ecs:ListTasks", "Resource": "*", "Principal": "*"},
    ],
)
def test_what_the_evaluator_does_not_know_is_an_error_never_a_yes(
    role: NewRole, member: Member, statement: Statement
) -> None:
    ecs = role(statement, anywhere("ecs:ListTasks")).client("ecs")
    with pytest.raises(ClientError) as error:
        ecs.list_tasks(cluster=member.cluster)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_call_that_nobody_has_looked_up_is_an_error_too(role: NewRole) -> None:
    ecs = role({"Action": "*", "Resource": "*"}).client("ecs")
    with pytest.raises(ClientError) as error:
        ecs.list_clusters()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_persons_own_credentials_may_do_anything(cloud: LocalCloud) -> None:
    assert cloud.client("ecs").list_clusters()["clusterArns"] is not None


def test_a_machine_whose_role_may_not_join_a_cluster_never_does(cloud: LocalCloud) -> None:
    """As AWS's agent it tries on: a policy that is mended lets it in."""
    ecs = cloud.client("ecs")
    ecs.create_cluster(clusterName="guarded")
    profile = machine_profile(cloud, "may-not-poll", actions=tuple(set(AGENT) - {"Poll"}))
    machine = launch(cloud, "guarded", script=user_data("guarded"), IamInstanceProfile={"Name": profile})
    log = cloud.machine_dir("guarded") / "logs" / "ecs-agent.log"
    wait_until(lambda: log.exists() and "ecs:Poll" in log.read_text())
    assert ecs.list_container_instances(cluster="guarded")["containerInstanceArns"] == []
    everything = {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    cloud.client("iam").put_role_policy(RoleName=profile, PolicyName="agent", PolicyDocument=document)
    (arn,) = wait_until(lambda: ecs.list_container_instances(cluster="guarded")["containerInstanceArns"])
    terminate(cloud, machine["InstanceId"])
    ecs.deregister_container_instance(cluster="guarded", containerInstance=arn, force=True)
    ecs.delete_cluster(cluster="guarded")


def test_a_state_machine_invokes_as_its_role(
    cloud: LocalCloud,
    role: NewRole,
    new_function: Callable[..., str],
    end_of: Callable[[str], dict[str, Any]],
) -> None:
    client, mine, other = cloud.client("stepfunctions"), new_function("echo"), new_function("echo")
    arn = cloud.client("lambda").get_function_configuration(FunctionName=mine)["FunctionArn"]
    invoking = role({"Action": "lambda:InvokeFunction", "Resource": arn}).arn

    def run(function: str) -> dict[str, Any]:
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload": {}},
            "End": True,
        }
        made = client.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:8]}",
            definition=json.dumps({"StartAt": "Call", "States": {"Call": task}}),
            roleArn=invoking,
        )
        return end_of(client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"])

    assert run(mine)["status"] == "SUCCEEDED"
    ended = run(other)
    assert (ended["status"], ended.get("error")) == ("FAILED", "Lambda.AccessDeniedException")
    assert "lambda:InvokeFunction" in ended["cause"]
