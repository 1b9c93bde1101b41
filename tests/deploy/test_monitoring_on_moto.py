"""The monitoring's own template on moto, which knows all but an egress rule and an address's association."""

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.unit.template.plain import plain_monitoring

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-Ab12Cd"


@pytest.mark.filterwarnings("ignore:Tried to parse")
@pytest.mark.parametrize(
    ("store", "tasks"),
    [
        ("elastic-stack", {"elasticsearch", "elasticsearch-setup", "kibana", "kibana-setup", "logstash"}),
        ("elasticsearch", {"store-setup", "logstash"}),
        ("opensearch", {"store-setup", "logstash"}),
    ],
)
def test_each_kind_of_store(store: str, tasks: set[str]) -> None:
    with mock_aws():
        session = boto3.Session("testing", "testing", region_name="eu-west-1")
        ec2, ecs, cfn = session.client("ec2"), session.client("ecs"), session.client("cloudformation")
        subnet = ec2.describe_subnets()["Subnets"][0]
        group = ec2.create_security_group(GroupName="m", Description="m", VpcId=subnet["VpcId"])["GroupId"]
        values = {
            "ParentStack": "organist",
            "Store": store,
            "StoreSecretArn": SECRET,
            "VpcId": subnet["VpcId"],
            "SubnetId": subnet["SubnetId"],
            "AvailabilityZone": subnet["AvailabilityZone"],
            "MachinesSecurityGroupId": group,
            "OperatorCidr": "203.0.113.7/32",
            "SourceBucket": "my-bucket",
            "SourceKey": "organist/monitoring-0.zip",
            "SourceTag": "0",
            "LogGroup": "NTS",
            "LogGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:NTS:*",
        }
        parameters: Any = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
        cfn.create_stack(StackName=store, TemplateBody=json.dumps(plain_monitoring()), Parameters=parameters)
        (stack,) = cfn.describe_stacks(StackName=store)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        assert ("KibanaUrl" in outputs) == (store == "elastic-stack")
        found = ec2.describe_network_interfaces()["NetworkInterfaces"]
        assert outputs["LogHost"] in {interface["PrivateIpAddress"] for interface in found}
        (arn,) = ecs.list_services(cluster=outputs["ClusterName"])["serviceArns"]
        (service,) = ecs.describe_services(cluster=outputs["ClusterName"], services=[arn])["services"]
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        assert {container["name"] for container in definition["containerDefinitions"]} == tasks
