"""Networks that machines and functions can work in, on moto, and what is said of those that will not do."""

from typing import TYPE_CHECKING, Any

import pytest

from organist.account.aws_account import Account
from organist.account.network_checks import function_zone_mistake, internet_mistake
from organist.deploy.checks.network_choice import choose_network
from organist.deploy.options.deployment_options import DeploymentRefused

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

VPC_BLOCK = "10.9.0.0/16"


class Net:
    """A VPC of somebody's, made as a test says."""

    def __init__(self, ec2: "EC2Client", block: str = VPC_BLOCK) -> None:
        self._ec2 = ec2
        self.vpc = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
        self._first = block.rsplit(".", 2)[0]
        self._made = 0

    def subnet(self, *, public: bool = False) -> str:
        self._made += 1
        block = f"{self._first}.{self._made}.0/24"
        made = self._ec2.create_subnet(VpcId=self.vpc, CidrBlock=block)["Subnet"]["SubnetId"]
        self._ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": public})
        return made

    def gateway(self) -> str:
        made = self._ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self._ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=self.vpc)
        return made

    def nat(self, subnet: str) -> str:
        return self._ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"][
            "NatGatewayId"
        ]

    def lead(self, *subnets: str, **to: str) -> None:
        """A default route; for these subnets by a table of their own, else by the main one."""
        here: Any = [{"Name": "vpc-id", "Values": [self.vpc]}]
        table = self._ec2.describe_route_tables(Filters=here)["RouteTables"][0]["RouteTableId"]
        if subnets:
            table = self._ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        for subnet in subnets:
            self._ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        self._ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **to)  # type: ignore[arg-type]


@pytest.fixture
def net(moto_account: Account) -> Net:
    return Net(moto_account.ec2)


def test_the_default_network(moto_account: Account) -> None:
    network = choose_network(moto_account.ec2, None, ())
    assert network.vpc.startswith("vpc-")
    assert len(network.subnets) == 3
    assert choose_network(moto_account.ec2, network.vpc, network.subnets[:1]).subnets == network.subnets[:1]


def test_no_default_vpc(moto_account: Account) -> None:
    ec2 = moto_account.ec2
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    with pytest.raises(DeploymentRefused, match="has no default subnet"):
        choose_network(ec2, None, ())
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_vpc(VpcId=vpc)
    with pytest.raises(DeploymentRefused, match="aws ec2 create-default-vpc"):
        choose_network(ec2, None, ())


def test_subnets_that_are_not_there_or_of_two_vpcs(moto_account: Account, net: Net) -> None:
    ec2 = moto_account.ec2
    with pytest.raises(DeploymentRefused, match="in this region"):
        choose_network(ec2, None, ("subnet-01234567",))
    stranger = net.subnet()
    ours = choose_network(ec2, None, ())
    with pytest.raises(DeploymentRefused, match=f"{stranger} is not in {ours.vpc}"):
        choose_network(ec2, ours.vpc, (ours.subnets[0], stranger))


def test_subnets_behind_a_nat_gateway_and_public_ones_do(moto_account: Account, net: Net) -> None:
    public, private = net.subnet(public=True), net.subnet()
    net.lead(GatewayId=net.gateway())
    net.lead(private, NatGatewayId=net.nat(public))
    network = choose_network(moto_account.ec2, net.vpc, (public, private))
    assert network.subnets == (public, private)


def test_a_subnet_without_a_way_out_is_refused_with_what_was_found(moto_account: Account, net: Net) -> None:
    public, shut = net.subnet(public=True), net.subnet()
    net.lead(public, GatewayId=net.gateway())
    with pytest.raises(DeploymentRefused) as refused:
        choose_network(moto_account.ec2, None, (public, shut))
    assert f"The subnet {shut} (route table rtb-" in str(refused.value)
    assert "has no route to 0.0.0.0/0" in str(refused.value)
    assert public not in str(refused.value)


def test_an_internet_gateway_without_public_addresses_is_no_way_back(moto_account: Account, net: Net) -> None:
    subnet, gateway = net.subnet(), net.gateway()
    net.lead(GatewayId=gateway)
    with pytest.raises(
        DeploymentRefused, match=f"{gateway}, but gives machines no public address"
    ) as refused:
        choose_network(moto_account.ec2, None, (subnet,))
    assert f"modify-subnet-attribute --map-public-ip-on-launch --subnet-id {subnet}" in str(refused.value)


def test_a_vpc_that_overlaps_dockers_own_network_is_refused(moto_account: Account) -> None:
    net = Net(moto_account.ec2, "172.17.0.0/16")
    subnet = net.subnet(public=True)
    net.lead(GatewayId=net.gateway())
    with pytest.raises(DeploymentRefused, match=r"has the addresses 172\.17\.0\.0/16, which overlap"):
        choose_network(moto_account.ec2, None, (subnet,))


def test_of_the_default_network_what_will_not_do_is_left_out(moto_account: Account) -> None:
    ec2 = moto_account.ec2
    every = choose_network(ec2, None, ()).subnets
    ec2.modify_subnet_attribute(SubnetId=every[0], MapPublicIpOnLaunch={"Value": False})
    assert choose_network(ec2, None, ()).subnets == every[1:]
    for subnet in every:
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})
    with pytest.raises(DeploymentRefused, match="no public address") as refused:
        choose_network(ec2, None, ())
    assert all(subnet in str(refused.value) for subnet in every)


SUBNET: Any = {"SubnetId": "subnet-1", "MapPublicIpOnLaunch": True}


def table(*routes: dict[str, str], subnet: str | None = None) -> Any:
    association = {"SubnetId": subnet} if subnet else {"Main": True}
    return {"RouteTableId": f"rtb-{subnet or 'main'}", "Associations": [association], "Routes": list(routes)}


def everywhere(**to: str) -> dict[str, str]:
    return {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **to}


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ({"GatewayId": "igw-1"}, None),
        ({"NatGatewayId": "nat-1"}, None),
        ({"TransitGatewayId": "tgw-1"}, None),
        ({"NetworkInterfaceId": "eni-1", "InstanceId": "i-1"}, None),
        ({"GatewayId": "vgw-1"}, None),
        ({"GatewayId": "vpce-1"}, None),
        ({"CoreNetworkArn": "arn:aws:networkmanager::1:core-network/c"}, None),
        ({"VpcPeeringConnectionId": "pcx-1"}, "to pcx-1, which is no way to the internet"),
        ({"NatGatewayId": "nat-1", "State": "blackhole"}, "whose target nat-1 is gone"),
        ({"State": "blackhole"}, "whose target nothing is gone"),
    ],
)
def test_where_a_default_route_may_lead(to: dict[str, str], message: str | None) -> None:
    mistake = internet_mistake(SUBNET, [table(everywhere(**to))])
    assert mistake is None if message is None else message in str(mistake)


def test_a_subnets_own_table_stands_over_the_main_one() -> None:
    main, own = table(everywhere(GatewayId="igw-1")), table(subnet="subnet-1")
    for tables in ([main, own], [own, main]):
        assert "(route table rtb-subnet-1) has no route" in str(internet_mistake(SUBNET, tables))
    other: Any = {**SUBNET, "SubnetId": "subnet-2"}
    assert internet_mistake(other, [main, own]) is None
    assert "has no route table" in str(internet_mistake(SUBNET, []))


@pytest.mark.parametrize(
    ("subnet", "good"),
    [
        ({"AvailabilityZoneId": "use1-az1"}, True),
        ({"AvailabilityZoneId": "apse2-az3"}, True),
        ({}, True),
        ({"AvailabilityZoneId": "use1-az3", "AvailabilityZone": "us-east-1e"}, False),
        ({"AvailabilityZoneId": "usw2-lax1-az1", "AvailabilityZone": "us-west-2-lax-1a"}, False),
        ({"AvailabilityZoneId": "use1-wl1-bos-wlz1"}, False),
        (
            {"AvailabilityZoneId": "use1-az1", "OutpostArn": "arn:aws:outposts:us-east-1:1:outpost/op-1"},
            False,
        ),
    ],
)
def test_where_lambda_has_functions(subnet: dict[str, str], good: bool) -> None:
    described: Any = {**SUBNET, **subnet}
    mistake = function_zone_mistake(described)
    assert (mistake is None) is good
    if not good:
        assert "Lambda has no functions" in str(mistake)
        assert subnet.get("AvailabilityZoneId", "") in str(mistake) or "Outpost" in str(mistake)
