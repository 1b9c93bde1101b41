"""What a person asks of `organist deploy`, and every mistake in it that shows without an account."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from organist.command_errors import CommandError
from organist.deploy.options.monitoring_options import MonitoringOptions, monitoring_mistakes

# CloudFormation's and S3's own rules.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
NAME_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,18}-)?")  # as template.yaml's NamePrefix
OWN_BUCKET = "own"  # as template.yaml's Publish
LONGEST_PREFIX = 20
LARGEST_NETWORK = 8  # as template.yaml's OperatorCidr and ContributionCidr
VPC_ID = re.compile(r"vpc-[0-9a-f]{8,17}")
SUBNET_ID = re.compile(r"subnet-[0-9a-f]{8,17}")
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
MODULE_SOURCE = re.compile(r"https?://\S+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?")
MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

ADMIN_AT_STAKE = "Whoever reaches Node-RED's editor may try passwords, and whoever gets in owns the machine."
SOURCES_AT_STAKE = "RTP knows no key: whoever reaches its ports may send pictures."


class DeploymentRefused(CommandError):
    """A deployment would fail or be unsafe; nothing was made."""


@dataclass(frozen=True)
class DeploymentOptions:
    """The options of `organist deploy`; None leaves what the stack has, or the template's default."""

    bucket: str
    stack: str
    name_prefix: str | None = None
    vpc: str | None = None
    subnets: tuple[str, ...] = ()
    operator_cidr: str | None = None
    media_cidr: str | None = None
    contribution_cidr: str | None = None
    destination_cidr: str | None = None
    log_host: str | None = None
    log_port: int | None = None
    monitoring: MonitoringOptions = field(default_factory=MonitoringOptions)
    media_buckets: tuple[str, ...] | None = None
    publish: str | None = None
    module_source: str | None = None
    alarm_email: str | None = None
    rotate_secret: bool = False
    reserve_concurrency: bool | None = None
    bake: bool = False


def check_options(options: DeploymentOptions) -> None:
    """Raise ``DeploymentRefused`` that names every mistake of the options."""
    mistakes = [
        *_name_mistakes(options),
        *_bucket_mistakes(options),
        *_network_mistakes(options),
        *_cidr_mistakes("--operator-cidr", options.operator_cidr, ADMIN_AT_STAKE),
        *_cidr_mistakes("--media-cidr", options.media_cidr),
        *_cidr_mistakes("--contribution-cidr", options.contribution_cidr, SOURCES_AT_STAKE),
        *_cidr_mistakes("--destination-cidr", options.destination_cidr),
        *monitoring_mistakes(options.monitoring, options.log_host),
    ]
    if mistakes:
        raise DeploymentRefused("\n".join([*mistakes, "Nothing was made."]))


def _name_mistakes(options: DeploymentOptions) -> Iterator[str]:
    if not STACK_NAME.fullmatch(options.stack):
        yield (
            f'--stack is "{options.stack}"; expected a letter, then letters, digits and hyphens, '
            "128 characters at the most."
        )
    if not BUCKET_NAME.fullmatch(options.bucket):
        yield f'--bucket is "{options.bucket}"; expected the plain name of an S3 bucket, without s3://.'
    prefix = options.name_prefix or ""
    if len(prefix) > LONGEST_PREFIX:
        yield (
            f'--name-prefix is "{prefix}", {len(prefix)} characters; expected {LONGEST_PREFIX} at the most: '
            "AWS limits the names that it stands in front of."
        )
    elif not NAME_PREFIX.fullmatch(prefix):
        yield (
            f'--name-prefix is "{prefix}"; expected a letter, then letters, digits and hyphens, '
            'and a hyphen at the end, such as "test-".'
        )
    if options.module_source and not MODULE_SOURCE.fullmatch(options.module_source):
        yield (
            f'--module-source is "{options.module_source}"; expected an npm registry\'s URL, https://…, '
            "or s3://bucket/prefix."
        )
    if options.log_host and not HOST_NAME.fullmatch(options.log_host):
        yield f'--log-host is "{options.log_host}"; expected a host name or an address, without a port.'
    if options.alarm_email and not MAIL_ADDRESS.fullmatch(options.alarm_email):
        yield f'--alarm-email is "{options.alarm_email}"; expected a mail address.'


def _bucket_mistakes(options: DeploymentOptions) -> Iterator[str]:
    for bucket in options.media_buckets or ():
        if not BUCKET_NAME.fullmatch(bucket):
            yield f'--media-buckets has "{bucket}"; expected names of S3 buckets, separated by commas.'
    if options.publish and not BUCKET_NAME.fullmatch(options.publish):
        yield (
            f'--publish is "{options.publish}"; expected {OWN_BUCKET} for a bucket of the stack\'s, or the '
            "plain name of an S3 bucket."
        )


def _network_mistakes(options: DeploymentOptions) -> Iterator[str]:
    if options.vpc and not VPC_ID.fullmatch(options.vpc):
        yield f'--vpc is "{options.vpc}"; expected a VPC\'s id, such as vpc-0123456789abcdef0.'
    for subnet in options.subnets:
        if not SUBNET_ID.fullmatch(subnet):
            yield f'--subnets has "{subnet}"; expected subnets\' ids, separated by commas.'
    if options.vpc and not options.subnets:
        yield "--vpc needs --subnets: the machines must reach the internet, and only you know which ones do."


def _cidr_mistakes(option: str, cidr: str | None, at_stake: str | None = None) -> Iterator[str]:
    """Yield what is wrong with a network, which is limited in size where something is at stake.

    Args:
        option: The option's name.
        cidr: What was given for it.
        at_stake: What somebody in a far too large network could do; None where any size will do.
    """
    if not cidr:
        return
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        yield f'{option} is "{cidr}"; expected IPv4 addresses such as 203.0.113.7/32 ({error}).'
        return
    if cidr != str(network):  # a mask, or no size: ipaddress takes more than template.yaml and EC2
        yield f'{option} is "{cidr}"; expected an address, / and a number, such as {network}.'
    elif at_stake and network.prefixlen < LARGEST_NETWORK:
        size = f"{network.num_addresses:,} addresses" if network.prefixlen else "the whole world"
        yield (
            f'{option} is "{cidr}", which is {size}; expected your own addresses, such as 203.0.113.7/32, '
            f"/{LARGEST_NETWORK} at the largest. {at_stake}"
        )
