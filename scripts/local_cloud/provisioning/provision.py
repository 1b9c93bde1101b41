"""Provisions the local account from the repository's template.yaml."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from local_cloud.errors import TemplateError
from local_cloud.provisioning import task_definitions
from local_cloud.provisioning.conditions import Conditions
from local_cloud.provisioning.function_events import what_is_read
from local_cloud.provisioning.provisioner import LocalAccount, Provisioner
from local_cloud.provisioning.resource_handlers import RESOURCE_HANDLERS, Made
from local_cloud.provisioning.secret_values import read
from local_cloud.provisioning.template import NO_VALUE, Resolver, read_template, unknown
from local_cloud.settings import ACCOUNT

STACK_NAME = "organist"
# What a deployment uploads, which here nobody reads.
_UPLOADED = {"SourceBucket": "nothing-uploaded", "NodeREDSourceKey": "none", "NodeREDImageTag": "none"}
_TASK_DEFINITION = "AWS::ECS::TaskDefinition"
_STATE_MACHINE = "AWS::Serverless::StateMachine"


def provision(
    account: LocalAccount,
    template: Path,
    repository: Path,
    stack_name: str = STACK_NAME,
    parameters: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Make everything and return the ARN of the template's state machine ("" when it has none).

    Args:
        account: Where to.
        template: The SAM template.
        repository: The checkout, whose files the template names.
        stack_name: The stack's name.
        parameters: Values of the template's parameters in place of their defaults.

    Raises:
        TemplateError, UnknownReferenceError: They name what the local cloud does not know.
    """
    provisioner = Provisioner(account, repository, stack_name)
    return Stack(read_template(template), provisioner, parameters).make()


class Stack:
    """The resources of one template, made when something refers to them, and then all the others."""

    def __init__(
        self, template: dict[str, Any], provisioner: Provisioner, parameters: Mapping[str, str]
    ) -> None:
        self._template = template
        self._values = {**_UPLOADED, **parameters}
        self._resources: dict[str, Any] = template["Resources"]
        self._provisioner = provisioner
        self._made: dict[str, Made] = {}
        self._being_made: list[str] = []
        self._resolver = Resolver(
            reference=self._reference,
            attribute=self._attribute,
            secret=self._secret,
            holds=self._holds,
        )
        self._conditions = Conditions(template.get("Conditions") or {}, self._resolver.resolve)

    def make(self) -> str:
        """Make all resources; return the ARN of the state machine."""
        arn = ""
        for name, resource in self._resources.items():
            if resource["Type"] in RESOURCE_HANDLERS and self._is_wanted(resource):
                made = self._resource(name)
                if resource["Type"] == _STATE_MACHINE:
                    arn = arn or made.reference
        return arn

    def _holds(self, condition: str) -> bool:
        return self._conditions.holds(condition)

    def _is_wanted(self, resource: dict[str, Any]) -> bool:
        return "Condition" not in resource or self._conditions.holds(resource["Condition"])

    def _resource(self, name: str) -> Made:
        if name in self._made:
            return self._made[name]
        if name not in self._resources:
            raise unknown(name, "which is neither a resource, a parameter nor a pseudo parameter")
        resource = self._resources[name]
        if resource["Type"] not in RESOURCE_HANDLERS:
            raise unknown(name, f"a {resource['Type']}, which the local cloud does not make")
        if not self._is_wanted(resource):
            raise unknown(name, f"which is not made because {resource['Condition']} does not hold")
        if name in self._being_made:
            raise TemplateError(f"Resources refer to each other in a circle: {' → '.join(self._being_made)}.")
        self._being_made.append(name)
        properties = self._resolver.resolve(self._properties(resource))
        self._made[name] = RESOURCE_HANDLERS[resource["Type"]].make(self._provisioner, name, properties)
        self._being_made.pop()
        return self._made[name]

    def _properties(self, resource: dict[str, Any]) -> dict[str, Any]:
        if resource["Type"] == _TASK_DEFINITION:
            return task_definitions.what_is_read(resource)
        reads = RESOURCE_HANDLERS[resource["Type"]].reads
        own = {name: value for name, value in (resource.get("Properties") or {}).items() if name in reads}
        if resource["Type"] != "AWS::Serverless::Function":
            return own
        shared = (self._template.get("Globals") or {}).get("Function") or {}
        variables = {
            **((shared.get("Environment") or {}).get("Variables") or {}),
            **((own.get("Environment") or {}).get("Variables") or {}),
        }
        return {
            **{name: value for name, value in shared.items() if name in reads},
            **own,
            "Environment": {"Variables": variables},
            "Events": what_is_read(own.get("Events") or {}),
        }

    def _reference(self, name: str) -> Any:
        if name.startswith("AWS::"):
            return self._pseudo_parameter(name)
        if name in (self._template.get("Parameters") or {}):
            return self._parameter(name)
        return self._resource(name).reference

    def _attribute(self, name: str, attribute: str) -> Any:
        attributes = self._resource(name).attributes
        if attribute not in attributes:
            raise unknown(
                f"{name}.{attribute}", f"but the local cloud knows only {', '.join(attributes) or 'Ref'}"
            )
        return attributes[attribute]

    def _pseudo_parameter(self, name: str) -> Any:
        values = {
            "AWS::NoValue": NO_VALUE,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": self._provisioner.region,
            "AWS::StackName": self._provisioner.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name not in values:
            raise unknown(name, "a pseudo parameter that the local cloud does not know")
        return values[name]

    def _parameter(self, name: str) -> Any:
        parameter = self._template["Parameters"][name]
        kind = parameter["Type"]
        ec2 = self._provisioner.client("ec2")
        if kind == "AWS::EC2::VPC::Id":
            return ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        if kind == "List<AWS::EC2::Subnet::Id>":
            return [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        value = self._values.get(name, parameter.get("Default"))
        if value is None:
            raise unknown(name, f"a parameter of type {kind} without a default")
        if kind.startswith("AWS::SSM::Parameter::Value"):
            return self._provisioner.client("ssm").get_parameter(Name=value)["Parameter"]["Value"]
        return value.split(",") if kind == "CommaDelimitedList" else value

    def _secret(self, reference: str) -> str:
        client = self._provisioner.client("secretsmanager")
        return read(reference, lambda secret: str(client.get_secret_value(SecretId=secret)["SecretString"]))
