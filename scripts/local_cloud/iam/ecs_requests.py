"""What ECS asks IAM for each call.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_cloud.iam.facts import Facts
from local_cloud.iam.policy import Request

Parameters = Mapping[str, Any]


def _on_cluster(action: str) -> Callable[[Facts, Parameters], Iterator[Request]]:
    def requests(facts: Facts, parameters: Parameters) -> Iterator[Request]:
        yield Request(f"ecs:{action}", facts.cluster_arn(parameters.get("cluster")))

    return requests


def _list_tasks(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    host = parameters.get("containerInstance")
    resource = _member(facts, parameters, "container-instance", host) if host else "*"
    yield Request("ecs:ListTasks", resource, _in_cluster(facts, parameters))


def _describe_container_instances(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    for reference in parameters["containerInstances"]:
        arn = _member(facts, parameters, "container-instance", reference)
        yield Request("ecs:DescribeContainerInstances", arn, _in_cluster(facts, parameters))


def _describe_tasks(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    for reference in parameters["tasks"]:
        yield _on_task("DescribeTasks", facts, parameters, reference)


def _stop_task(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    yield _on_task("StopTask", facts, parameters, parameters["task"])


def _run_task(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    definition = facts.task_definition(parameters["taskDefinition"])
    tags = {tag["key"]: tag["value"] for tag in parameters.get("tags") or []}
    given = {f"aws:RequestTag/{key}": [value] for key, value in tags.items()}
    given |= {"aws:TagKeys": list(tags)} if tags else {}
    yield Request("ecs:RunTask", definition.arn, _in_cluster(facts, parameters) | given)
    if tags:
        every_task = _member(facts, parameters, "task", "*")
        yield Request("ecs:TagResource", every_task, {"ecs:CreateAction": ["RunTask"], **given})
    for role in definition.roles:
        yield Request("iam:PassRole", role, {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]})


def agent_requests(facts: Facts, cluster: str) -> Iterator[Request]:
    """What a machine's ECS agent asks for as it joins a cluster and reports on tasks.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
    """
    parameters = {"cluster": cluster}
    host = _member(facts, parameters, "container-instance", "*")
    yield Request("ecs:DiscoverPollEndpoint", "*")
    for action in ("RegisterContainerInstance", "SubmitTaskStateChange", "SubmitContainerStateChange"):
        yield Request(f"ecs:{action}", facts.cluster_arn(cluster))
    for action in ("Poll", "StartTelemetrySession"):
        yield Request(f"ecs:{action}", host, _in_cluster(facts, parameters))


def _on_task(action: str, facts: Facts, parameters: Parameters, reference: str) -> Request:
    arn = _member(facts, parameters, "task", reference)
    context = {f"aws:ResourceTag/{key}": [value] for key, value in facts.task_tags(arn).items()}
    return Request(f"ecs:{action}", arn, _in_cluster(facts, parameters) | context)


def _in_cluster(facts: Facts, parameters: Parameters) -> dict[str, list[str]]:
    return {"ecs:cluster": [facts.cluster_arn(parameters.get("cluster"))]}


def _member(facts: Facts, parameters: Parameters, kind: str, reference: str) -> str:
    cluster = facts.cluster_arn(parameters.get("cluster"))
    own = reference.rsplit("/", 1)[-1]
    return f"{cluster.replace(':cluster/', f':{kind}/')}/{own}"


REQUESTS: dict[str, Callable[[Facts, Parameters], Iterator[Request]]] = {
    "DeregisterContainerInstance": _on_cluster("DeregisterContainerInstance"),
    "DescribeContainerInstances": _describe_container_instances,
    "DescribeTasks": _describe_tasks,
    "ListContainerInstances": _on_cluster("ListContainerInstances"),
    "ListTasks": _list_tasks,
    "RunTask": _run_task,
    "StopTask": _stop_task,
}
"""By the operation's name."""
