"""The KMS keys of the account's own that a deployment meets: the volumes' default, and the media buckets'.

AWS's own keys (``aws/ebs``, ``aws/s3``) let everybody in the account in; one of a customer has to be allowed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import DENIED, error_code, error_message
from organist.account.aws_account import Account
from organist.deploy.options.deployment_options import DeploymentRefused

EBS_OWN = "alias/aws/ebs"
S3_OWN = "alias/aws/s3"
KMS_ENCRYPTION = frozenset({"aws:kms", "aws:kms:dsse"})
NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
NO_BUCKET = frozenset({"NoSuchBucket", "404"})


@dataclass(frozen=True)
class EncryptionKeys:
    """ARNs of customer-managed keys: "" or none where AWS's own are used, None where nobody may look."""

    volume: str | None
    media: tuple[str, ...] | None

    def parameters(self) -> dict[str, str | None]:
        """Return the values of the template's parameters, None where the stack's stay."""
        return {
            "VolumeKeyArn": self.volume,
            "MediaKeyArns": None if self.media is None else ",".join(self.media),
        }


def find_keys(account: Account, buckets: Sequence[str], print_line: Callable[[str], None]) -> EncryptionKeys:
    """Return the customer-managed keys that machines and their containers come to need.

    Args:
        account: Where they are.
        buckets: The media buckets.
        print_line: Takes a line about what cannot be seen.

    Raises:
        DeploymentRefused: A key cannot be used, or a bucket is not there.
    """
    return EncryptionKeys(_volume_key(account, print_line), _media_keys(account, buckets, print_line))


def _volume_key(account: Account, print_line: Callable[[str], None]) -> str | None:
    try:
        named = account.ec2.get_ebs_default_kms_key_id()["KmsKeyId"]
        return _customers(account, named, EBS_OWN, "new EBS volumes")
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        print_line(
            "Warning: you may not see which key encrypts new EBS volumes "
            f"({error.operation_name}); if it is one of your own, machines may be refused it."
        )
        return None


def _media_keys(
    account: Account, buckets: Sequence[str], print_line: Callable[[str], None]
) -> tuple[str, ...] | None:
    found: list[str] = []
    for bucket in buckets:
        try:
            named = _bucket_key(account.s3, bucket)
            key = _customers(account, named, S3_OWN, f"the bucket {bucket}") if named else ""
        except ClientError as error:
            if error_code(error) not in DENIED:
                raise
            print_line(
                f"Warning: you may not see how the bucket {bucket} is encrypted ({error.operation_name}); "
                "if by a key of your own, the machines may be refused it."
            )
            return None
        if key:
            found.append(key)
    return tuple(dict.fromkeys(found))


def _bucket_key(s3: Any, bucket: str) -> str:
    """Return the key that a bucket encrypts with by default, "" for S3's own way."""
    try:
        answer = s3.get_bucket_encryption(Bucket=bucket)
    except ClientError as error:
        if error_code(error) == NO_ENCRYPTION:
            return ""
        if error_code(error) in NO_BUCKET:
            raise DeploymentRefused(
                f"There is no bucket {bucket} (--media-buckets). Nothing was made."
            ) from error
        raise
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    return next(
        (str(one.get("KMSMasterKeyID", "")) for one in defaults if one.get("SSEAlgorithm") in KMS_ENCRYPTION),
        "",
    )


def _customers(account: Account, named: str, awss_own: str, what: str) -> str:
    """Return the ARN of the key that is named by id, alias or ARN; "" for one of AWS's own."""
    if named.endswith(awss_own):
        return ""
    try:
        key = account.kms.describe_key(KeyId=named)["KeyMetadata"]
    except ClientError as error:
        if error_code(error) != "NotFoundException":
            raise
        raise DeploymentRefused(
            f"The key {named}, which encrypts {what}, is not there: {error_message(error)} Nothing was made."
        ) from error
    if key.get("KeyManager") == "AWS":
        return ""
    if key.get("KeyState", "Enabled") != "Enabled":
        raise DeploymentRefused(
            f"The key {key['Arn']}, which encrypts {what}, is {key['KeyState']}: nothing could be written. "
            "Enable it, or choose another default. Nothing was made."
        )
    return key["Arn"]
