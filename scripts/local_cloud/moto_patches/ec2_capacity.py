"""EC2's zones: what each offers and has room for, in RunInstances and in what describes it."""

from typing import Any
from xml.sax.saxutils import escape

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instance_types import (
    InstanceType,
    InstanceTypeBackend,
    InstanceTypeOfferingBackend,
    generic_filter,
)
from werkzeug.exceptions import HTTPException

from local_cloud.ec2.capacity import Capacity, Refusal, choose_zone, refusal
from local_cloud.moto_patches.replacements import Replacements

_STANDARD_TYPE = "m1.small"
_STATUS_OF_MOTO = 400  # of all of EC2's errors


class _ServerError(HTTPException):
    """An error with a status that moto does not give EC2's: its client tries once more by itself."""

    def __init__(self, refused: Refusal) -> None:
        error = f"<Error><Code>{refused.code}</Code><Message>{escape(refused.message)}</Message></Error>"
        super().__init__(f"<Response><Errors>{error}</Errors></Response>")
        self.code = refused.status

    def get_headers(self, *_arguments: Any, **_named: Any) -> list[tuple[str, str]]:
        """It is XML."""
        return [("Content-Type", "text/xml;charset=UTF-8")]


def install(replacements: Replacements, capacity: Capacity) -> None:
    """Let DescribeInstanceTypeOfferings and DescribeInstanceTypes tell what ``capacity`` says."""
    _tell_offerings(replacements, capacity)
    _tell_plan(replacements, capacity)


def find_room(response: Any, capacity: Capacity) -> None:
    """Refuse a RunInstances that cannot be had; where it names no zone, let it name one that has room.

    The request's parameters have the launch template's in them already.
    """
    parameters = response._get_params()
    kind = parameters.get("InstanceType") or _STANDARD_TYPE
    zones = _zones_with(response.ec2_backend, kind)
    zone = _named_zone(response)
    if zone is None:
        subnets = _default_subnets(response.ec2_backend)
        subnet = choose_zone(
            capacity, kind, {zone: subnet for zone, subnet in subnets.items() if zone in zones}
        )
        if subnet is not None and capacity.allows(kind):
            _name_subnet(parameters, subnet)
            return
        zone = min(zones or subnets)
    refused = refusal(capacity, kind, zone, zones)
    if refused is None:
        return
    if refused.status != _STATUS_OF_MOTO:
        raise _ServerError(refused)
    raise EC2ClientError(refused.code, refused.message)


def _named_zone(response: Any) -> str | None:
    parameters = response._get_params()
    cards = parameters.get("NetworkInterfaces") or []
    subnet = parameters.get("SubnetId") or next(
        (card["SubnetId"] for card in cards if "SubnetId" in card), None
    )
    if subnet:
        return str(response.ec2_backend.get_subnet(subnet).availability_zone)
    zone = (parameters.get("Placement") or {}).get("AvailabilityZone")
    return None if zone is None else str(zone)


def _name_subnet(parameters: dict[str, Any], subnet: str) -> None:
    cards = parameters.get("NetworkInterfaces")
    if cards:
        cards[0]["SubnetId"] = subnet
    else:
        parameters["SubnetId"] = subnet


def _zones_with(backend: Any, kind: str) -> set[str]:
    offered = backend.describe_instance_type_offerings("availability-zone", {"instance-type": [kind]})
    return {offering["Location"] for offering in offered}


def _default_subnets(backend: Any) -> dict[str, str]:
    return {zone: subnet.id for zone, subnet in backend.get_default_subnets().items()}


def _tell_offerings(replacements: Replacements, capacity: Capacity) -> None:
    original = InstanceTypeOfferingBackend.describe_instance_type_offerings

    def describe(backend: Any, location_type: str | None = None, filters: Any = None) -> list[Any]:
        offerings: list[Any] = original(backend, location_type, filters)
        if location_type not in ("availability-zone", "availability-zone-id"):
            return offerings
        names = {zone.zone_id: zone.name for zone in backend.describe_availability_zones()}
        return [
            offering
            for offering in offerings
            if capacity.offers(
                names.get(offering["Location"], offering["Location"]), offering["InstanceType"]
            )
        ]

    replacements.replace(InstanceTypeOfferingBackend, "describe_instance_type_offerings", describe)


def _tell_plan(replacements: Replacements, capacity: Capacity) -> None:
    original = InstanceTypeBackend.describe_instance_types

    def describe(backend: Any, instance_types: Any = None, filters: Any = None) -> list[Any]:
        if capacity.plan_types is None:
            return list(original(backend, instance_types, filters))
        types = []
        for one in original(backend, instance_types):
            copy = InstanceType(one.name)
            copy["FreeTierEligible"] = capacity.allows(one.name)
            types.append(copy)
        return list(generic_filter(filters, types)) if filters else types

    replacements.replace(InstanceTypeBackend, "describe_instance_types", describe)
