"""A network as AWS makes the default one: what emulators leave out of it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def open_default_network(ec2: "EC2Client") -> str:
    """Lead the default VPC to the internet; return the internet gateway's id.

    AWS makes it with a gateway and the route to it, which moto and ministack lack:
    https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
    """
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    here = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    gateways = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
    )["InternetGateways"]
    if not gateways:
        gateways = [ec2.create_internet_gateway()["InternetGateway"]]
        ec2.attach_internet_gateway(InternetGatewayId=gateways[0]["InternetGatewayId"], VpcId=vpc["VpcId"])
    gateway = gateways[0]["InternetGatewayId"]
    (table,) = ec2.describe_route_tables(Filters=here)["RouteTables"]  # type: ignore[arg-type]
    ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return gateway
