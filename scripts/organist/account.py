"""The AWS account, or the local cloud, that a command works on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError, ProfileNotFound

from lambdas.aws_errors import error_code, name_aws_error
from organist.command_errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

LOCAL_REGION = "eu-west-1"
STATE_MACHINE = "dynamicNTS"

EndpointUrlOption = Annotated[
    str | None, typer.Option("--endpoint-url", help="A local cloud's endpoint, in place of AWS.")
]
RegionOption = Annotated[str | None, typer.Option(help="AWS region; otherwise the profile's.")]
ProfileOption = Annotated[str | None, typer.Option(help="Profile of your AWS configuration.")]


class AccountError(CommandError):
    """The account cannot be reached as the person is set up, or does not have what is asked for."""


@dataclass(frozen=True)
class Account:
    """An account's clients, as one person's credentials open them."""

    session: boto3.Session
    endpoint_url: str | None

    @property
    def stepfunctions(self) -> "SFNClient":
        """Step Functions."""
        return self.session.client("stepfunctions", endpoint_url=self.endpoint_url)

    @property
    def ec2(self) -> "EC2Client":
        """EC2."""
        return self.session.client("ec2", endpoint_url=self.endpoint_url)

    @property
    def functions(self) -> "LambdaClient":
        """Lambda."""
        return self.session.client("lambda", endpoint_url=self.endpoint_url)

    def execution_arn(self, execution: str) -> str:
        """Give an execution's ARN.

        Parameters: ``execution``, the ARN or the execution's name.
        Raises: ``AccountError`` if there is no state machine or no such execution.
        """
        arn = execution if execution.startswith("arn:") else f"{self._executions_prefix()}:{execution}"
        try:
            self.stepfunctions.describe_execution(executionArn=arn)
        except ClientError as error:
            if error_code(error) in ("ExecutionDoesNotExist", "InvalidArn"):
                raise AccountError(
                    f"There is no execution {execution}. `aws stepfunctions list-executions` shows all."
                ) from error
            raise
        return arn

    def _executions_prefix(self) -> str:
        for page in self.stepfunctions.get_paginator("list_state_machines").paginate():
            for machine in page["stateMachines"]:
                if machine["name"] == STATE_MACHINE:
                    return machine["stateMachineArn"].replace(":stateMachine:", ":execution:")
        raise AccountError(
            f"There is no state machine {STATE_MACHINE} here: another region, or not deployed."
        )


def open_account(profile: str | None, region: str | None, endpoint_url: str | None) -> Account:
    """Give the account that a command's options mean; ``AccountError`` if they mean none."""
    try:
        if endpoint_url:
            session = boto3.Session("local", "local", region_name=region or LOCAL_REGION)
        else:
            session = boto3.Session(profile_name=profile, region_name=region)
        account = Account(session, endpoint_url)
        _ = account.stepfunctions  # a client says at once what is missing
    except NoRegionError as error:
        raise AccountError("There is no AWS region. Give --region, or set one in your profile.") from error
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
    """Give a person's message for what AWS refused."""
    return AccountError(str(name_aws_error(error)))


def read_payload(answer: Any) -> bytes:
    """Give the bytes of a Lambda answer's payload."""
    payload: bytes = answer["Payload"].read()
    return payload
