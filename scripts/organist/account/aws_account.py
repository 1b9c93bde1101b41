"""The AWS account, or the local cloud, that a command works on."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
import typer
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name
    HTTPClientError,
    InvalidRegionError,
    NoRegionError,
    ProfileNotFound,
)

from lambdas.aws.errors import error_code, name_aws_error
from organist.account.regions import no_answer, no_region
from organist.command_errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_schemas import SchemasClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

LOCAL_REGION = "eu-west-1"
# A person waits: a few quick tries, then AWS's own words.
CONFIG = Config(connect_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
UNKNOWN_KEYS = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch"}
)

EndpointUrlOption = Annotated[
    str | None, typer.Option("--endpoint-url", help="A local cloud's endpoint, in place of AWS.")
]
RegionOption = Annotated[
    str | None, typer.Option(help="AWS region; otherwise that of AWS_REGION, or the profile's.")
]
ProfileOption = Annotated[str | None, typer.Option(help="Profile of your AWS configuration.")]


class AccountError(CommandError):
    """The account cannot be reached as the person is set up, or does not have what is asked for."""


@dataclass(frozen=True)
class Account:
    """An account's clients, as one person's credentials open them."""

    session: boto3.Session
    endpoint_url: str | None

    @property
    def region(self) -> str:
        """The region that the clients talk to."""
        return self.session.region_name

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """CloudFormation."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def codebuild(self) -> "CodeBuildClient":
        """CodeBuild."""
        return self.session.client("codebuild", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def ec2(self) -> "EC2Client":
        """EC2."""
        return self.session.client("ec2", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def ecr(self) -> "ECRClient":
        """The container registry."""
        return self.session.client("ecr", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def ecs(self) -> "ECSClient":
        """The container service."""
        return self.session.client("ecs", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def iam(self) -> "IAMClient":
        """Identities and roles."""
        return self.session.client("iam", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def kms(self) -> "KMSClient":
        """Encryption keys."""
        return self.session.client("kms", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def functions(self) -> "LambdaClient":
        """Lambda, with the time that its longest function takes."""
        config = CONFIG.merge(Config(read_timeout=300))
        return self.session.client("lambda", endpoint_url=self.endpoint_url, config=config)

    @property
    def logs(self) -> "CloudWatchLogsClient":
        """CloudWatch Logs."""
        return self.session.client("logs", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def quotas(self) -> "ServiceQuotasClient":
        """Service Quotas."""
        return self.session.client("service-quotas", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def s3(self) -> "S3Client":
        """S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def schemas(self) -> "SchemasClient":
        """EventBridge's schemas."""
        return self.session.client("schemas", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def secrets(self) -> "SecretsManagerClient":
        """Secrets Manager."""
        return self.session.client("secretsmanager", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def sns(self) -> Any:
        """Notifications."""
        return self.session.client("sns", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def stepfunctions(self) -> "SFNClient":
        """Step Functions."""
        return self.session.client("stepfunctions", endpoint_url=self.endpoint_url, config=CONFIG)

    @property
    def sts(self) -> "STSClient":
        """Who the credentials belong to."""
        return self.session.client("sts", endpoint_url=self.endpoint_url, config=CONFIG)


def _local_session(endpoint_url: str, region: str) -> boto3.Session:
    core = botocore.session.get_session()
    host = urlsplit(endpoint_url).hostname or ""
    if host == "localhost" or host.startswith("127."):
        # What is on this computer is never asked for by way of a proxy, whatever no_proxy leaves out.
        core.set_default_client_config(Config(proxies={}))
    return boto3.Session("local", "local", region_name=region, botocore_session=core)


def open_account(profile: str | None, region: str | None, endpoint_url: str | None) -> Account:
    """Return the account that a command's options mean; ``AccountError`` if they mean none.

    Args:
        profile: A profile of AWS's configuration, or None.
        region: None for AWS_REGION's, or else what boto3 finds. boto3 alone reads only AWS_DEFAULT_REGION and
            the profile, unlike AWS's command line:
            https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
        endpoint_url: Another endpoint than AWS's own, or None.
    """
    try:
        if endpoint_url:
            session = _local_session(endpoint_url, region or LOCAL_REGION)
        else:
            named = region or os.environ.get("AWS_REGION") or None
            session = boto3.Session(profile_name=profile, region_name=named)
        account = Account(session, endpoint_url)
        _ = account.stepfunctions  # a client says at once what is missing
    except NoRegionError as error:
        raise AccountError(
            "There is no AWS region. Give --region, set AWS_REGION, or name one in your profile."
        ) from error
    except InvalidRegionError as error:
        raise AccountError(no_region(str(error.kwargs["region_name"]))) from error
    except ProfileNotFound as error:
        raise AccountError(
            f"There is no AWS profile {profile}. `aws configure list-profiles` shows yours."
        ) from error
    except ValueError as error:
        raise AccountError(f"{endpoint_url} is no endpoint: {error}.") from error
    if session.get_credentials() is None:
        raise AccountError("There are no AWS credentials. Run `aws configure`, or give --profile.")
    return account


def explain(error: ClientError | BotoCoreError) -> AccountError:
    """Return a person's message for what AWS refused."""
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return AccountError(no_answer(error))
    code = error_code(error) if isinstance(error, ClientError) else ""
    if code in EXPIRED:
        return AccountError(
            "Your AWS credentials have expired. Sign in again (`aws sso login`, or as you got them) "
            "and repeat the command."
        )
    if code in UNKNOWN_KEYS:
        return AccountError(
            f"AWS does not accept your credentials ({code}). `aws sts get-caller-identity` shows whose they "
            "are; run `aws configure`, or give --profile."
        )
    return AccountError(str(name_aws_error(error)))


def read_payload(answer: Any) -> bytes:
    """Return the bytes of a Lambda answer's payload."""
    payload: bytes = answer["Payload"].read()
    return payload
