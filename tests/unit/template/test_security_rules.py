"""No group has a rule twice, whatever ports and networks a deployment names."""

from typing import Any

import pytest

from tests.unit.template.plain import plain_monitoring, plain_template
from tests.unit.template.security_rules import doubled_rules

HERE, THERE = "192.0.2.0/24", "198.51.100.0/24"


@pytest.mark.parametrize("port", ["443", "80", "8765", "5044", "1880"])
@pytest.mark.parametrize("monitoring", ["none", "elastic-stack"])
def test_the_log_hosts_port_opens_no_second_rule(port: str, monitoring: str) -> None:
    values = {"LogHost": "logs.example.com", "LogPort": port, "Monitoring": monitoring}
    assert doubled_rules(plain_template(), values) == []


@pytest.mark.parametrize("media", ["", HERE, THERE])
@pytest.mark.parametrize("contribution", ["", HERE, THERE])
@pytest.mark.parametrize("destination", ["", HERE, THERE, "0.0.0.0/0"])
def test_one_network_may_do_several_things(media: str, contribution: str, destination: str) -> None:
    values = {"OperatorCidr": HERE, "MediaCidr": media}
    values |= {"ContributionCidr": contribution, "DestinationCidr": destination}
    assert doubled_rules(plain_template(), values) == []


@pytest.mark.parametrize("store", ["elastic-stack", "elasticsearch", "opensearch"])
@pytest.mark.parametrize("port", ["443", "9200", "80"])
def test_the_stores_port_opens_no_second_rule(store: str, port: str) -> None:
    values = {"Store": store, "StorePort": port, "OperatorCidr": HERE}
    assert doubled_rules(plain_monitoring(), values) == []


@pytest.mark.parametrize("port", [443, 9200])
def test_a_store_is_reached_at_its_port(port: int) -> None:
    """The rule that is left out is one that is there already."""
    template = plain_monitoring()
    (inline,) = template["Resources"]["SecurityGroup"]["Properties"]["SecurityGroupEgress"]
    own = template["Resources"]["DocumentsToTheStore"]
    template["Resources"]["DocumentsToTheStore"] = own | {"Condition": "IsOtherStore"}
    doubled = doubled_rules(template, {"Store": "opensearch", "StorePort": str(port)})
    assert bool(doubled) == (inline["FromPort"] == port)


def test_a_rule_that_differs_in_its_description_only_is_found() -> None:
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "CidrIp": "0.0.0.0/0",
        "Description": "Another",
    }
    inside: Any = plain_template()
    inside["Resources"]["NodeREDSecurityGroup"]["Properties"]["SecurityGroupEgress"].append(rule)
    assert len(doubled_rules(inside, {})) == 1
    outside: Any = plain_template()
    properties = rule | {"GroupId": {"Fn::GetAtt": ["NodeREDSecurityGroup", "GroupId"]}}
    outside["Resources"]["More"] = {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": properties}
    assert len(doubled_rules(outside, {})) == 1
