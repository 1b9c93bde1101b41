"""`organist deploy`: from a clone to a running state machine in an AWS account."""

from typing import Annotated

import typer

from organist.account.aws_account import EndpointUrlOption, ProfileOption, RegionOption, open_account
from organist.account.deployed_stack import (
    STANDARD_STACK,
    StackOption,
)
from organist.commands.deployment.deploy_run import DeployRun
from organist.deploy.options.deployment_options import DeploymentOptions
from organist.deploy.options.monitoring_options import MonitoringOptions
from organist.exit_codes import INTERRUPTED
from organist.terminal import open_console, say

BucketOption = Annotated[
    str, typer.Option(help="Your S3 bucket in the region, to upload code and templates to.")
]
VpcOption = Annotated[
    str | None, typer.Option(help="VPC for the machines, with --subnets; by default the default VPC.")
]
SubnetsOption = Annotated[
    str | None, typer.Option(help="Subnets of --vpc for the machines, separated by commas.")
]
OperatorOption = Annotated[
    str | None,
    typer.Option(help="Addresses that may open the editor and the pictures, such as 203.0.113.7/32."),
]
MediaOption = Annotated[
    str | None, typer.Option(help="Addresses that may watch the pictures, such as 203.0.113.0/24.")
]
ContributionOption = Annotated[
    str | None, typer.Option(help="Addresses that live sources come from, such as 203.0.113.0/24.")
]
DestinationOption = Annotated[
    str | None, typer.Option(help="Addresses that the programme may be sent to, such as 203.0.113.0/24.")
]
LogHostOption = Annotated[str | None, typer.Option(help="Host that machines send their statistics to.")]
LogPortOption = Annotated[int | None, typer.Option(min=1, max=65535, help="TCP port of --log-host.")]
MonitoringOption = Annotated[
    bool | None,
    typer.Option(help="Keep statistics in an Elastic Stack, on one more machine of the stack."),
]
ElasticsearchOption = Annotated[
    str | None,
    typer.Option(help="With --monitoring: keep statistics in this Elasticsearch, https://host:port."),
]
OpenSearchOption = Annotated[
    str | None,
    typer.Option(help="With --monitoring: keep statistics in this Amazon OpenSearch, https://host."),
]
StoreSecretOption = Annotated[
    str | None,
    typer.Option(help="ARN of the secret with the username and password of --elasticsearch or --opensearch."),
]
MediaBucketsOption = Annotated[
    str | None, typer.Option(help="S3 buckets that the machines may use, separated by commas.")
]
PublishOption = Annotated[
    str | None,
    typer.Option(
        help='"own" for a bucket of the stack\'s to publish in, or a bucket of yours; CloudFront serves it.'
    ),
]
ModuleSourceOption = Annotated[
    str | None, typer.Option(help="npm registry, or s3://bucket/prefix, with dynamorse's modules.")
]
PrefixOption = Annotated[str | None, typer.Option(help='In front of every name, such as "test-".')]
EmailOption = Annotated[str | None, typer.Option(help="Mail address that alarms go to.")]
RotateOption = Annotated[bool, typer.Option("--rotate-secret", help="Make a new secret for the machines.")]
ReserveOption = Annotated[
    bool | None,
    typer.Option(
        "--reserve-concurrency/--share-concurrency",
        help="Reserve a share of the account's Lambda concurrency for launches, which is their limit, too.",
    ),
]
BakeOption = Annotated[
    bool, typer.Option("--bake", help="Also make the stack's own machine image, as `organist bake` does.")
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Wait for running productions to end, then update; without it, refuse.")
]
PlanOption = Annotated[bool, typer.Option("--plan", help="Show what would change, and change nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Change the stack without asking first.")]


def deploy(  # noqa: PLR0913, PLR0917 - one parameter an option, as typer has it
    bucket: BucketOption,
    stack: StackOption = STANDARD_STACK,
    name_prefix: PrefixOption = None,
    vpc: VpcOption = None,
    subnets: SubnetsOption = None,
    operator_cidr: OperatorOption = None,
    media_cidr: MediaOption = None,
    contribution_cidr: ContributionOption = None,
    destination_cidr: DestinationOption = None,
    log_host: LogHostOption = None,
    log_port: LogPortOption = None,
    monitoring: MonitoringOption = None,
    elasticsearch: ElasticsearchOption = None,
    opensearch: OpenSearchOption = None,
    store_secret: StoreSecretOption = None,
    media_buckets: MediaBucketsOption = None,
    publish: PublishOption = None,
    module_source: ModuleSourceOption = None,
    alarm_email: EmailOption = None,
    rotate_secret: RotateOption = False,
    reserve_concurrency: ReserveOption = None,
    bake: BakeOption = False,
    wait: WaitOption = False,
    plan: PlanOption = False,
    yes: YesOption = False,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Deploy or update organist in an AWS account, after showing what would change."""
    account = open_account(profile, region, endpoint_url)
    options = DeploymentOptions(
        bucket=bucket,
        stack=stack,
        name_prefix=name_prefix,
        vpc=vpc,
        subnets=tuple(_split(subnets)),
        operator_cidr=operator_cidr,
        media_cidr=media_cidr,
        contribution_cidr=contribution_cidr,
        destination_cidr=destination_cidr,
        log_host=log_host,
        log_port=log_port,
        monitoring=MonitoringOptions(monitoring, elasticsearch, opensearch, store_secret),
        media_buckets=None if media_buckets is None else tuple(_split(media_buckets)),
        publish=publish,
        module_source=module_source,
        alarm_email=alarm_email,
        rotate_secret=rotate_secret,
        reserve_concurrency=reserve_concurrency,
        bake=bake,
    )
    try:
        code = DeployRun(account, options, open_console()).run(plan=plan, yes=yes, wait=wait)
    except KeyboardInterrupt:
        say(open_console(), "Stopped looking. What CloudFormation has begun goes on; deploy again to see it.")
        code = INTERRUPTED
    raise typer.Exit(code)


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
