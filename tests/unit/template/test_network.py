"""Who may talk to whom: the security groups' rules, walked."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lambdas.runtime import ports
from tests.unit.template.plain import Template, plain_template, resources_of

ADMIN = ports.NODE_RED
PICTURES = ports.PICTURES
LINK = ports.LINK
OUTPUTS = (ports.DYNAMORSE_ENCODED, ports.DYNAMORSE_MIXED)
ADMIN_PORTS = (ADMIN, 22, 2375, 51678)  # Node-RED, SSH, Docker, the ECS agent
CALLERS = {"Fn::GetAtt": ["NodeREDCallersSecurityGroup", "GroupId"]}
MACHINES = {"Fn::GetAtt": ["NodeREDSecurityGroup", "GroupId"]}
OPERATORS = {"Ref": "OperatorCidr"}
VIEWERS = {"Ref": "MediaCidr"}
SENDERS = {"Ref": "ContributionCidr"}
RECEIVERS = {"Ref": "DestinationCidr"}


@dataclass(frozen=True)
class Rule:
    """A rule of a security group; ``peer`` is who may come in, or where traffic may go."""

    owner: str
    protocol: str
    ports: range
    peer: Any


def rules(template: Template, direction: str) -> Iterator[Rule]:
    """Every rule of a direction, Ingress or Egress, within a group or on its own."""
    for name, group in resources_of(template, "AWS::EC2::SecurityGroup").items():
        for rule in group.get(f"SecurityGroup{direction}", []):
            yield _rule(name, rule)
    for name, rule in resources_of(template, f"AWS::EC2::SecurityGroup{direction}").items():
        yield _rule(name, rule)


def _rule(owner: str, rule: dict[str, Any]) -> Rule:
    peers = [
        value for key, value in rule.items() if re.search(r"Cidr|PrefixList|(Source|Destination)Sec", key)
    ]
    first, last = rule.get("FromPort", 0), rule.get("ToPort", 65535)
    if isinstance(first, dict) or str(rule["IpProtocol"]) == "-1":
        first, last = 0, 65535
    return Rule(owner, str(rule["IpProtocol"]), range(int(first), int(last) + 1), peers[0] if peers else None)


def open_admin_ports(template: Template) -> list[str]:
    """Rules that let everybody, viewers, or nobody in particular come to an admin port."""
    return [
        f"{rule.owner}: {rule.protocol} {rule.ports} from {rule.peer}"
        for rule in rules(template, "Ingress")
        if rule.peer in (None, "0.0.0.0/0", "::/0", VIEWERS)
        and any(port in rule.ports for port in ADMIN_PORTS)
    ]


def test_no_admin_port_is_open_to_the_world() -> None:
    assert open_admin_ports(plain_template()) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"IpProtocol": "tcp", "FromPort": 1880, "ToPort": 1880, "CidrIp": "0.0.0.0/0"},
        {"IpProtocol": "tcp", "FromPort": 1880, "ToPort": 1880, "CidrIpv6": "::/0"},
        {"IpProtocol": "tcp", "FromPort": 1000, "ToPort": 2000, "CidrIp": "0.0.0.0/0"},
        {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"},
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"},
        {"IpProtocol": "tcp", "FromPort": 1880, "ToPort": 1880, "CidrIp": {"Ref": "MediaCidr"}},
        {"IpProtocol": "tcp", "FromPort": 1880, "ToPort": 1880},
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_an_admin_port_that_is_open_to_the_world_is_found(rule: dict[str, Any], inside: bool) -> None:
    broken = plain_template()
    if inside:
        broken["Resources"]["NodeREDSecurityGroup"]["Properties"]["SecurityGroupIngress"] = [rule]
    else:
        broken["Resources"]["More"] = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule}
    assert len(open_admin_ports(broken)) == 1


def test_who_may_come_in() -> None:
    template = plain_template()
    found = {
        (
            rule.protocol,
            *rule.ports,
            json.dumps(rule.peer),
            template["Resources"][rule.owner].get("Condition"),
        )
        for rule in rules(template, "Ingress")
    }
    assert found == {
        ("tcp", ADMIN, json.dumps(CALLERS), None),
        ("tcp", ADMIN, json.dumps(OPERATORS), "HasOperatorCidr"),
        ("tcp", PICTURES, json.dumps(OPERATORS), "HasOperatorCidr"),
        ("tcp", PICTURES, json.dumps(VIEWERS), "HasViewersOfTheirOwn"),
        ("udp", ports.LOW_LATENCY, json.dumps(OPERATORS), "HasOperatorCidr"),
        ("tcp", ports.DYNAMORSE_PUSHED, json.dumps(SENDERS), "HasContributionToDynamorse"),
        ("udp", ports.DYNAMORSE_FADER, json.dumps(OPERATORS), "HasOperatorsOfDynamorse"),
        ("udp", ports.LOW_LATENCY, json.dumps(VIEWERS), "HasViewersOfTheirOwn"),
        ("udp", LINK, json.dumps(MACHINES), None),
        ("tcp", ports.LINK_CONTROL, json.dumps(MACHINES), None),
        ("udp", *ports.SRT_IN, json.dumps(SENDERS), "HasContributionCidr"),
        ("tcp", ports.RTMP_IN, json.dumps(SENDERS), "HasContributionCidr"),
        ("udp", *ports.RTP_IN, json.dumps(SENDERS), "HasContributionCidr"),
        ("udp", *ports.SRT_OUT, json.dumps(RECEIVERS), "HasDestinationCidr"),
        ("tcp", OUTPUTS[1], json.dumps(MACHINES), None),
        ("tcp", *OUTPUTS, json.dumps(CALLERS), None),
    }


def test_the_functions_reach_nothing_but_the_admin_port_and_outputs_of_machines() -> None:
    group = plain_template()["Resources"]["NodeREDCallersSecurityGroup"]["Properties"]
    assert "SecurityGroupIngress" not in group
    ports = {(egress["FromPort"], egress["ToPort"]) for egress in group["SecurityGroupEgress"]}
    assert ports == {(ADMIN, ADMIN), OUTPUTS}
    assert all(egress["DestinationSecurityGroupId"] == MACHINES for egress in group["SecurityGroupEgress"])


def test_what_goes_out_is_said() -> None:
    template = plain_template()
    # A group without a rule of its own for what goes out lets everything out.
    groups = resources_of(template, "AWS::EC2::SecurityGroup")
    assert all(group["SecurityGroupEgress"] for group in groups.values())
    assert all(rule.protocol in ("tcp", "udp") for rule in rules(template, "Egress"))
    to_the_world = {
        (rule.owner, *rule.ports) for rule in rules(template, "Egress") if rule.peer == "0.0.0.0/0"
    }
    assert {entry[:2] for entry in to_the_world if len(entry) == 2} == {
        ("NodeREDSecurityGroup", 443),
        ("NodeREDSecurityGroup", 80),
    }
    calls = template["Resources"]["CallsToContribution"]
    assert (calls["Condition"], calls["Properties"]["CidrIp"]) == ("HasContributionCidr", SENDERS)
    assert calls["Properties"]["IpProtocol"] == "udp"
    for name, protocol, first in (
        ("ProgrammeToDestinations", "udp", ports.LEAST_OUT),
        ("ProgrammeToRtmpServers", "tcp", ports.RTMP_IN),
    ):
        sends = template["Resources"][name]
        assert (sends["Condition"], sends["Properties"]["CidrIp"]) == ("HasDestinationCidr", RECEIVERS)
        assert (sends["Properties"]["IpProtocol"], sends["Properties"]["FromPort"]) == (protocol, first)
    logs = template["Resources"]["StatisticsToTheLogHost"]
    assert logs["Condition"] == "HasLogPortOfItsOwn"
    assert logs["Properties"]["FromPort"] == logs["Properties"]["ToPort"] == {"Ref": "LogPort"}


def test_descriptions_have_only_the_characters_that_ec2_takes() -> None:
    """No linter knows: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html."""
    template = plain_template()
    message = [
        group["GroupDescription"] for group in resources_of(template, "AWS::EC2::SecurityGroup").values()
    ]
    for direction in ("Ingress", "Egress"):
        for group in resources_of(template, "AWS::EC2::SecurityGroup").values():
            message += [rule["Description"] for rule in group.get(f"SecurityGroup{direction}", [])]
        standing = resources_of(template, f"AWS::EC2::SecurityGroup{direction}").values()
        message += [rule["Description"] for rule in standing]
    for text in message:
        assert re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", text), text


def test_the_ports_of_the_flows_are_open() -> None:
    open_ports = {port for rule in rules(plain_template(), "Ingress") for port in rule.ports}
    assert {LINK, PICTURES, *OUTPUTS} <= open_ports


@pytest.mark.parametrize(
    ("parameter", "value", "taken"),
    [
        ("OperatorCidr", "", True),
        ("OperatorCidr", "192.0.2.0/24", True),
        ("OperatorCidr", "192.0.2.7/32", True),
        ("OperatorCidr", "10.0.0.0/8", True),
        ("OperatorCidr", "0.0.0.0/0", False),
        ("OperatorCidr", "128.0.0.0/1", False),
        ("OperatorCidr", "::/0", False),
        ("OperatorCidr", "192.0.2.7", False),
        ("ContributionCidr", "", True),
        ("ContributionCidr", "192.0.2.0/24", True),
        ("ContributionCidr", "0.0.0.0/0", False),
        ("DestinationCidr", "", True),
        ("DestinationCidr", "0.0.0.0/0", True),
        ("DestinationCidr", "192.0.2.0/33", False),
        ("MediaCidr", "", True),
        ("MediaCidr", "0.0.0.0/0", True),
        ("MediaCidr", "192.0.2.0/33", False),
        ("NamePrefix", "", True),
        ("NamePrefix", "studio-2-", True),
        ("NamePrefix", "studio", False),
        ("NamePrefix", "2-", False),
        ("NamePrefix", "a" * 19 + "-", True),
        ("NamePrefix", "a" * 20 + "-", False),
        ("SecretGeneration", "2", True),
        ("SecretGeneration", "two", False),
    ],
)
def test_what_a_parameter_takes(parameter: str, value: str, taken: bool) -> None:
    pattern = plain_template()["Parameters"][parameter]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) == taken
