"""What EC2 has for the account: types that a zone lacks or has no room for, and what a plan allows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# Seen in accounts on the free plan: aws-samples/eks-provisioner-v2 1644, RhinoSecurityLabs/cloudgoat 375.
FREE_PLAN_TYPES = frozenset(
    {"c7i-flex.large", "m7i-flex.large", "t3.micro", "t3.small", "t4g.micro", "t4g.small"}
)


@dataclass
class Capacity:
    """Everything everywhere, unless said otherwise; it may be changed while the local cloud runs."""

    lacking: dict[str, Collection[str]] = field(default_factory=dict)
    """By zone: instance types that it does not offer."""
    full: dict[str, Collection[str]] = field(default_factory=dict)
    """By zone: instance types that it offers and has no room for now."""
    plan_types: Collection[str] | None = None
    """The only types that the account's plan allows (``FREE_PLAN_TYPES``); None allows all."""

    def offers(self, zone: str, kind: str) -> bool:
        """Whether a zone has a type at all."""
        return kind not in self.lacking.get(zone, ())

    def has_room(self, zone: str, kind: str) -> bool:
        """Whether a machine of a type can be had in a zone now."""
        return self.offers(zone, kind) and kind not in self.full.get(zone, ())

    def allows(self, kind: str) -> bool:
        """Whether the account's plan allows a type."""
        return self.plan_types is None or kind in self.plan_types


@dataclass(frozen=True)
class Refusal:
    """Why EC2 launches nothing: its error's code and message, and the HTTP status."""

    code: str
    message: str
    status: int = 400


def refusal(capacity: Capacity, kind: str, zone: str, zones: Collection[str]) -> Refusal | None:
    """Return EC2's answer to a machine of a type in a zone, None if it can be had.

    The words are those that people were told: kubernetes-sigs/provider-aws-test-infra 354 (Unsupported),
    openshift/installer 7088 and hashicorp/packer 2485 (InsufficientInstanceCapacity, and its status),
    LinkedInLearning/learning-terraform-3087701 345 (Free Tier).

    Args:
        capacity: What the zones offer and lack.
        kind: The instance type.
        zone: The Availability Zone.
        zones: The region's zones that offer the type.
    """
    if not capacity.allows(kind):
        return Refusal(
            "InvalidParameterCombination",
            "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance "
            "types, run 'describe-instance-types' with the filter 'free-tier-eligible=true'.",
        )
    if zone not in zones:
        return Refusal(
            "Unsupported",
            f"Your requested instance type ({kind}) is not supported in your requested Availability Zone "
            f"({zone}). Please retry your request by not specifying an Availability Zone or choosing "
            f"{', '.join(sorted(zones))}.",
        )
    if capacity.has_room(zone, kind):
        return None
    others = sorted(other for other in zones if capacity.has_room(other, kind))
    elsewhere = (
        f" You can currently get {kind} capacity by not specifying an Availability Zone in your request or "
        f"choosing {', '.join(others)}."
    )
    return Refusal(
        "InsufficientInstanceCapacity",
        f"We currently do not have sufficient {kind} capacity in the Availability Zone you requested "
        f"({zone}). Our system will be working on provisioning additional capacity."
        f"{elsewhere if others else ''}",
        status=500,
    )


def choose_zone(capacity: Capacity, kind: str, zones: Mapping[str, str]) -> str | None:
    """Return the subnet that EC2 takes where a request names none: in a zone that has room, if there is one.

    Args:
        capacity: What the zones offer and lack.
        kind: The instance type.
        zones: The default VPC's subnets, by zone.
    """
    return next((subnet for zone, subnet in sorted(zones.items()) if capacity.has_room(zone, kind)), None)
