"""The nested stack of the monitoring: its door, its one machine, what outlives it, its seam to the stack."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from lambdas.runtime import ports
from local_cloud.paths import REPOSITORY
from tests.unit.template import permission_rules
from tests.unit.template.plain import (
    Template,
    plain_monitoring,
    plain_template,
    resources_of,
    texts,
)
from tests.unit.template.test_network import open_admin_ports, rules

KIBANA, STORE = 5601, 9200
MACHINES = {"Ref": "MachinesSecurityGroupId"}
OPERATORS = {"Ref": "OperatorCidr"}


@pytest.fixture
def template() -> Template:
    return plain_monitoring()


@pytest.fixture
def nested() -> dict[str, Any]:
    """The stack as template.yaml makes it."""
    made: dict[str, Any] = plain_template()["Resources"]["MonitoringStack"]
    return made


@pytest.mark.parametrize("rule", permission_rules.RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_rules_of_least_privilege(rule: Callable[[Template], Iterator[str]]) -> None:
    assert list(rule(plain_monitoring())) == []


def test_who_may_come_in(template: Template) -> None:
    assert [(rule.protocol, rule.ports.start, rule.peer) for rule in rules(template, "Ingress")] == [
        ("tcp", ports.DOCUMENTS, MACHINES),
        ("tcp", ports.BEATS, MACHINES),
        ("tcp", KIBANA, OPERATORS),
    ]
    assert open_admin_ports(template) == []
    assert template["Resources"]["KibanaFromOperators"]["Condition"] == "IsOpenToOperators"


def test_the_store_of_documents_is_open_to_nobody(template: Template) -> None:
    assert all(STORE not in rule.ports for rule in rules(template, "Ingress"))


def test_the_machines_may_send_where_it_listens() -> None:
    sent = {
        rule.ports.start
        for rule in rules(plain_template(), "Egress")
        if rule.peer == {"Fn::GetAtt": ["MonitoringStack", "Outputs.SecurityGroupId"]}
    }
    assert sent == {ports.DOCUMENTS, ports.BEATS}


def test_there_is_one_machine_and_it_is_made_anew(template: Template) -> None:
    group = template["Resources"]["Group"]
    assert group["Properties"]["MinSize"] == group["Properties"]["MaxSize"] == "1"
    rolling = group["UpdatePolicy"]["AutoScalingRollingUpdate"]
    # There is one volume and one network interface: the old machine gives them up first.
    assert rolling["MinInstancesInService"] == 0
    assert rolling["WaitOnResourceSignals"] is True
    # With a network interface in its launch template a group has zones, and no subnets.
    assert "VPCZoneIdentifier" not in group["Properties"]
    assert group["Properties"]["AvailabilityZones"] == [{"Ref": "AvailabilityZone"}]


def test_addresses_and_documents_outlive_the_machine(template: Template) -> None:
    data = template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]
    (interface,) = data["NetworkInterfaces"]
    assert interface["NetworkInterfaceId"] == {"Ref": "NetworkInterface"}
    volume = template["Resources"]["DataVolume"]
    assert volume["DeletionPolicy"] == volume["UpdateReplacePolicy"] == "Snapshot"
    assert volume["Properties"]["Encrypted"] is True
    assert volume["Properties"]["AvailabilityZone"] == {"Ref": "AvailabilityZone"}
    assert [device["DeviceName"] for device in data["BlockDeviceMappings"]] == ["/dev/xvda"]
    assert "DataVolume" not in str(data["BlockDeviceMappings"])


def test_its_machine_is_never_taken_for_a_productions(template: Template) -> None:
    """The reaper ends what carries the tag of the stack's machines."""
    tags = {text for path, text in texts(template) if path[-1] == "Key"}
    assert tags == {"Name", "organist:monitoring"}
    (launched,) = resources_of(template, "AWS::EC2::LaunchTemplate").values()
    assert launched["LaunchTemplateData"]["MetadataOptions"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    assert "KeyName" not in launched["LaunchTemplateData"]


def test_a_volume_is_attached_by_that_machine_and_to_it_only(template: Template) -> None:
    role = template["Resources"]["InstanceRole"]["Properties"]
    (statement,) = [
        statement
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "ec2:AttachVolume"
    ]
    assert statement["Condition"] == {
        "StringEquals": {"aws:ResourceTag/organist:monitoring": {"Ref": "ParentStack"}}
    }
    tagged = template["Resources"]["DataVolume"]["Properties"]["Tags"]
    group = template["Resources"]["Group"]["Properties"]["Tags"]
    wanted = {"Key": "organist:monitoring", "Value": {"Ref": "ParentStack"}}
    assert tagged == [wanted]
    assert wanted | {"PropagateAtLaunch": True} in group


def test_nothing_secret_stands_in_a_definition(template: Template) -> None:
    secrets = resources_of(template, "AWS::SecretsManager::Secret")
    for definition in resources_of(template, "AWS::ECS::TaskDefinition").values():
        given = [entry for one in definition["ContainerDefinitions"] for entry in one.get("Secrets", [])]
        assert given
        for entry in given:
            value = entry["ValueFrom"]
            assert value.get("Ref") in secrets or "${StoreSecretArn}" in value.get("Fn::Sub", ""), entry
    for secret in secrets.values():
        assert secret["GenerateSecretString"]["PasswordLength"] >= 24
        # In a URL, a header or a shell no character of it means anything.
        assert secret["GenerateSecretString"]["ExcludePunctuation"] is True


def test_containers_may_read_exactly_the_secrets_that_they_are_given(template: Template) -> None:
    statements = template["Resources"]["ExecutionRole"]["Properties"]["Policies"][0]["PolicyDocument"][
        "Statement"
    ]
    (reading,) = [one for one in statements if one["Action"] == "secretsmanager:GetSecretValue"]
    condition, own, other = reading["Resource"]["Fn::If"]
    assert condition == "IsElasticStack"
    assert {reference["Ref"] for reference in own} == set(
        resources_of(template, "AWS::SecretsManager::Secret")
    )
    assert other == [{"Ref": "StoreSecretArn"}]


def test_images_that_are_in_no_registry_are_built_before_the_agent_starts(template: Template) -> None:
    data = template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]
    script = data["UserData"]["Fn::Base64"]["Fn::Sub"]
    assert "ECS_IMAGE_PULL_BEHAVIOR=prefer-cached" in script
    assert script.index("ECS_CLUSTER=") < script.index("prepare.sh")
    built = set(re.findall(r"organist/[a-z-]+", (REPOSITORY / "logstash/host/prepare.sh").read_text()))
    wanted = {
        one["Image"]["Fn::Sub"].removesuffix(":${SourceTag}")
        for definition in resources_of(template, "AWS::ECS::TaskDefinition").values()
        for one in definition["ContainerDefinitions"]
        if isinstance(one["Image"], dict)
    }
    assert wanted == built


def test_variables_of_its_script_are_cloud_formations_or_doubled(template: Template) -> None:
    """What looks like a shell's ${NAME} is worked out by Fn::Sub."""
    script = template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]
    for name in re.findall(r"\$\{([^}]+)\}", script["Fn::Base64"]["Fn::Sub"]):
        assert name.startswith("AWS::") or name in template["Parameters"] or name in template["Resources"]


def test_the_stack_gives_every_parameter_and_takes_outputs_that_there_are(
    template: Template, nested: dict[str, Any]
) -> None:
    required = {name for name, declared in template["Parameters"].items() if "Default" not in declared}
    given = set(nested["Properties"]["Parameters"])
    assert required <= given <= set(template["Parameters"])
    # A parameter of the outer stack that the inner one knows is handed on.
    assert {"OperatorCidr", "NamePrefix", "StoreUrl", "StorePort"} <= given
    assert nested["Condition"] == "HasMonitoring"
    read = {
        text.removeprefix("Outputs.") for _, text in texts(plain_template()) if text.startswith("Outputs.")
    }
    assert read == set(template["Outputs"])


def test_metricbeat_gets_its_configuration() -> None:
    (beat,) = [
        definition
        for definition in resources_of(plain_template(), "AWS::ECS::TaskDefinition").values()
        if definition["Family"] == {"Fn::Sub": "${NamePrefix}metricbeat"}
    ]
    (container,) = beat["ContainerDefinitions"]
    variables = {entry["Name"]: entry["Value"] for entry in container["Environment"]}
    written = (REPOSITORY / "logstash" / "metricbeat" / "metricbeat.yml").read_text()
    assert variables["METRICBEAT_YML"] == written
    assert "output.logstash" in yaml.safe_load(written)
    assert variables["LOG_HOSTNAME"] == {"Fn::GetAtt": ["MonitoringStack", "Outputs.LogHost"]}
    assert container["Image"].startswith("docker.elastic.co/beats/metricbeat:")
