"""What an account must have before a deployment: credentials that work, a bucket of ours, a quiet stack."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from organist.account.aws_account import Account
from organist.account.regions import PARTITION
from organist.deploy.options.deployment_options import DeploymentRefused

# A stack in one of these takes a new change set.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
READY = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "REVIEW_IN_PROGRESS",
    }
)
# AWS keeps this much of an account's Lambda concurrency free of reservations.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED_AT_LEAST = 100
# What of a deployment is not in another partition, or is called otherwise there.
ELSEWHERE = (
    "the images are built from Amazon's public gallery (public.ecr.aws), permissions name arn:aws:s3 and "
    "amazonaws.com, and links lead to console.aws.amazon.com"
)


def check_identity(account: Account) -> str:
    """Return the account's number; AWS's refusal of expired or unknown credentials goes through."""
    return account.sts.get_caller_identity()["Account"]


def check_partition(account: Account) -> None:
    """Raise ``DeploymentRefused`` outside the partition ``aws``: in China, in GovCloud and their like.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    partition = account.session.get_partition_for_region(account.region)
    if partition != PARTITION:
        raise DeploymentRefused(
            f"{account.region} is of the partition {partition}; expected a region of the partition "
            f"{PARTITION}, such as eu-west-1. organist does not work elsewhere: {ELSEWHERE}. "
            "Nothing was made."
        )


def check_bucket(account: Account, bucket: str) -> None:
    """Raise ``DeploymentRefused`` if the bucket is not there, not ours or in another region."""
    try:
        answer = account.s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        # HeadBucket has no body: its status is all that it says.
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        elsewhere = headers.get("x-amz-bucket-region", "")
        if elsewhere and elsewhere != account.region:
            raise _other_region(bucket, elsewhere, account.region) from error
        if status == 404:  # noqa: PLR2004 - HTTP's own number
            raise DeploymentRefused(
                f"There is no bucket {bucket}. Make it: aws s3 mb s3://{bucket} --region {account.region}"
            ) from error
        if status == 403:  # noqa: PLR2004 - HTTP's own number
            raise DeploymentRefused(
                f"You may not use the bucket {bucket}: it is another account's, or your permissions lack "
                "s3:ListBucket. Name a bucket of your own. Nothing was made."
            ) from error
        raise
    region = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region") or account.region
    if region != account.region:
        raise _other_region(bucket, region, account.region)


def check_stack(name: str, described: Mapping[str, Any] | None) -> None:
    """Raise ``DeploymentRefused`` if the stack's status does not take a deployment.

    Args:
        name: The stack's name.
        described: CloudFormation's description, or None for a stack that is to be made.
    """
    status = described["StackStatus"] if described else "REVIEW_IN_PROGRESS"
    if status in READY:
        return
    if status == "ROLLBACK_COMPLETE":
        advice = f"Its first deployment failed. Remove what it left: organist destroy --stack {name}"
    elif status.endswith("_IN_PROGRESS"):
        advice = "Somebody is changing it. Wait until that has ended, then deploy again."
    elif status == "UPDATE_ROLLBACK_FAILED":
        advice = f"Mend it first: aws cloudformation continue-update-rollback --stack-name {name}"
    else:
        advice = f"Remove it: organist destroy --stack {name}"
    raise DeploymentRefused(f"The stack {name} is {status}. {advice} Nothing was changed.")


def check_concurrency(account: Account, reserved: int) -> None:
    """Raise ``DeploymentRefused`` if the account's Lambda quota has no room to reserve so many executions."""
    there = account.functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    if there - reserved < UNRESERVED_AT_LEAST:
        raise DeploymentRefused(
            f"The account has {there} unreserved concurrent executions of Lambda functions; AWS keeps "
            f"{UNRESERVED_AT_LEAST}, and --reserve-concurrency takes {reserved}. Leave it out, or ask for "
            "more in Service Quotas. Nothing was made."
        )


def _other_region(bucket: str, its: str, ours: str) -> DeploymentRefused:
    return DeploymentRefused(
        f"The bucket {bucket} is in {its}, the deployment in {ours}; Lambda takes its code from a bucket of "
        f"its own region. Name a bucket in {ours}, or give --region {its}. Nothing was made."
    )
