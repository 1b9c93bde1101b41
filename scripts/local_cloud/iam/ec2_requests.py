"""What EC2 asks IAM for each call.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_cloud.iam.facts import Facts
from local_cloud.iam.policy import Request

Parameters = Mapping[str, Any]
_MADE = ("instance", "volume", "network-interface")


def _anything(action: str) -> Callable[[Facts, Parameters], Iterator[Request]]:
    def requests(_facts: Facts, _parameters: Parameters) -> Iterator[Request]:
        yield Request(f"ec2:{action}", "*")

    return requests


def _terminate_instances(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    for instance_id in parameters["InstanceIds"]:
        context = {
            f"aws:ResourceTag/{key}": [value] for key, value in facts.instance_tags(instance_id).items()
        }
        yield Request("ec2:TerminateInstances", _arn(facts, "instance", instance_id), context)


def _run_instances(facts: Facts, parameters: Parameters) -> Iterator[Request]:
    template_id, data = "", dict[str, Any]()
    if parameters.get("LaunchTemplate"):
        template_id, data = facts.launch_template(parameters["LaunchTemplate"])
        yield Request("ec2:RunInstances", _arn(facts, "launch-template", template_id), {})
    common = {"ec2:LaunchTemplate": [_arn(facts, "launch-template", template_id)]} if template_id else {}
    tagged = _tags_by_resource(parameters)
    for kind in _MADE:
        yield Request(
            "ec2:RunInstances", _arn(facts, kind, "*"), common | _request_tags(tagged.get(kind, {}))
        )
        if tagged.get(kind):
            context = {"ec2:CreateAction": ["RunInstances"], **_request_tags(tagged[kind])}
            yield Request("ec2:CreateTags", _arn(facts, kind, "*"), context)
    image = str(parameters.get("ImageId") or data.get("ImageId", ""))
    context = common | _from_template(parameters, "ImageId", template_id) | _image_facts(facts, image)
    yield Request("ec2:RunInstances", f"arn:aws:ec2:{facts.region}::image/{image}", context)
    for name, kind in (("SecurityGroupIds", "security-group"), ("SubnetId", "subnet")):
        yield from _network(facts, parameters, data, (name, kind), common)
    profile = parameters.get("IamInstanceProfile") or data.get("IamInstanceProfile")
    if profile:
        passed = {"iam:PassedToService": ["ec2.amazonaws.com"]}
        yield Request("iam:PassRole", facts.profile_role(profile), passed)


def _image_facts(facts: Facts, image: str) -> dict[str, list[str]]:
    own = facts.own_image_tags(image)
    if own is None:
        return {"ec2:Owner": ["amazon"]}
    return {"ec2:Owner": [facts.account]} | {f"aws:ResourceTag/{key}": [value] for key, value in own.items()}


def _network(
    facts: Facts,
    parameters: Parameters,
    data: Mapping[str, Any],
    named: tuple[str, str],
    common: Mapping[str, list[str]],
) -> Iterator[Request]:
    name, kind = named
    given = parameters.get(name) or data.get(name)
    for identity in [given] if isinstance(given, str) else given or []:
        context = dict(common) | _from_template(parameters, name, bool(common))
        if kind == "subnet":
            context["ec2:Vpc"] = [_arn(facts, "vpc", facts.subnet_vpc(identity))]
        yield Request("ec2:RunInstances", _arn(facts, kind, identity), context)


def _from_template(parameters: Parameters, name: str, template: object) -> dict[str, list[str]]:
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-launch-templates.html
    if not template:
        return {}
    return {"ec2:IsLaunchTemplateResource": ["false" if parameters.get(name) else "true"]}


def _tags_by_resource(parameters: Parameters) -> dict[str, dict[str, str]]:
    return {
        one["ResourceType"]: {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])}
        for one in parameters.get("TagSpecifications") or []
    }


def _request_tags(tags: Mapping[str, str]) -> dict[str, list[str]]:
    if not tags:
        return {}
    return {f"aws:RequestTag/{key}": [value] for key, value in tags.items()} | {"aws:TagKeys": list(tags)}


def _arn(facts: Facts, kind: str, identity: str) -> str:
    return f"arn:aws:ec2:{facts.region}:{facts.account}:{kind}/{identity}"


REQUESTS: dict[str, Callable[[Facts, Parameters], Iterator[Request]]] = {
    **{
        name: _anything(name)
        for name in (
            *("DescribeImages", "DescribeInstances", "DescribeInstanceTypes"),
            *("DescribeInstanceTypeOfferings", "DescribeSubnets"),
        )
    },
    "RunInstances": _run_instances,
    "TerminateInstances": _terminate_instances,
}
"""By the operation's name."""
