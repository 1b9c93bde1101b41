"""Customer-managed keys that a deployment meets, on moto's KMS and S3 and against EC2's exact answer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.stub import Stubber

from organist.account.aws_account import Account
from organist.deploy.checks.encryption_keys import find_keys
from organist.deploy.options.deployment_options import DeploymentRefused
from tests.unit.organist.conftest import account_of

Stubs = Callable[[str], tuple[Any, Stubber]]
BUCKET = "films"


class Found:
    """What is found in an account whose volumes have the key ``named``."""

    def __init__(self, moto_account: Account) -> None:
        self._moto = moto_account
        self.message: list[str] = []

    def keys(self, named: str = "alias/aws/ebs", buckets: tuple[str, ...] = ()) -> Any:
        ec2 = SimpleNamespace(get_ebs_default_kms_key_id=lambda: {"KmsKeyId": named})
        account = account_of(ec2=ec2, kms=self._moto.kms, s3=self._moto.s3)
        return find_keys(account, buckets, self.message.append)


@pytest.fixture
def found(moto_account: Account) -> Found:
    place: Any = {"LocationConstraint": moto_account.region}
    moto_account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    return Found(moto_account)


@pytest.fixture
def key(moto_account: Account) -> str:
    """The ARN of a key of the customer's, which also has an alias."""
    made = moto_account.kms.create_key()["KeyMetadata"]
    moto_account.kms.create_alias(AliasName="alias/studio", TargetKeyId=made["KeyId"])
    return made["Arn"]


def encrypt(account: Account, named: str | None, algorithm: str = "aws:kms") -> None:
    """Encrypt the bucket by default."""
    default: Any = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": named} if named else {})}
    account.s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )


def test_awss_own_key_needs_nothing(found: Found) -> None:
    assert found.keys().parameters() == {"VolumeKeyArn": "", "MediaKeyArns": ""}
    assert found.message == []


def test_a_volume_key_of_the_customers_is_named_by_its_arn(found: Found, key: str) -> None:
    for named in (key, key.rpartition("/")[2], "alias/studio"):
        assert found.keys(named).volume == key


def test_awss_own_key_under_its_arn_needs_nothing(stubs: Stubs) -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/0f93d12c"
    kms, stubber = stubs("kms")
    awss = {"KeyId": "0f93d12c", "Arn": arn, "KeyManager": "AWS", "KeyState": "Enabled"}
    stubber.add_response("describe_key", {"KeyMetadata": awss}, {"KeyId": arn})
    ec2 = SimpleNamespace(get_ebs_default_kms_key_id=lambda: {"KmsKeyId": arn})
    assert find_keys(account_of(ec2=ec2, kms=kms), (), print).volume == ""


def test_a_key_that_cannot_be_used_is_refused(found: Found, key: str, moto_account: Account) -> None:
    moto_account.kms.disable_key(KeyId=key.rpartition("/")[2])
    with pytest.raises(DeploymentRefused, match=r"new EBS volumes, is Disabled.*Nothing was made"):
        found.keys(key)
    with pytest.raises(DeploymentRefused, match="is not there"):
        found.keys("arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000")


def test_who_may_not_look_is_told(stubs: Stubs, moto_account: Account) -> None:
    ec2, stubber = stubs("ec2")
    stubber.add_client_error("get_ebs_default_kms_key_id", "UnauthorizedOperation")
    message: list[str] = []
    found = find_keys(account_of(ec2=ec2, kms=moto_account.kms), (), message.append)
    assert found.parameters() == {"VolumeKeyArn": None, "MediaKeyArns": ""}, "the stack's stays"
    assert "GetEbsDefaultKmsKeyId" in message[0]


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
def test_a_buckets_key_of_the_customers(
    found: Found, key: str, moto_account: Account, algorithm: str
) -> None:
    encrypt(moto_account, "alias/studio", algorithm)
    assert found.keys(buckets=(BUCKET, BUCKET)).parameters()["MediaKeyArns"] == key


@pytest.mark.parametrize(
    ("algorithm", "named"), [("AES256", None), ("aws:kms", None), ("aws:kms", "alias/aws/s3")]
)
def test_a_bucket_that_s3_itself_encrypts(
    found: Found, moto_account: Account, algorithm: str, named: str | None
) -> None:
    encrypt(moto_account, named, algorithm)
    assert found.keys(buckets=(BUCKET,)).media == ()


def test_a_bucket_that_is_not_there_is_refused(found: Found) -> None:
    with pytest.raises(DeploymentRefused, match=r"no bucket other \(--media-buckets\)"):
        found.keys(buckets=("other",))


def test_a_bucket_of_somebody_elses_is_told(stubs: Stubs) -> None:
    s3, stubber = stubs("s3")
    stubber.add_client_error("get_bucket_encryption", "AccessDenied", http_status_code=403)
    ec2 = SimpleNamespace(get_ebs_default_kms_key_id=lambda: {"KmsKeyId": "alias/aws/ebs"})
    message: list[str] = []
    found = find_keys(account_of(ec2=ec2, s3=s3), (BUCKET,), message.append)
    assert found.parameters()["MediaKeyArns"] is None
    assert f"how the bucket {BUCKET} is encrypted (GetBucketEncryption)" in message[0]
