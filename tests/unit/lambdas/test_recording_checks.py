"""A bucket that cannot take a recording is found out before anything is started."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lambdas.engines.recording_checks import bucket_mistakes
from lambdas.runtime.settings import ModuleSettings

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234"
SETTINGS = ModuleSettings("", ("shows",), "eu-west-1")
HERE = {"BucketRegion": "eu-west-1"}


def encryption(key: str | None = None) -> dict[str, Any]:
    algorithm = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    return {
        "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": algorithm}]}
    }


def mistakes(*answers: dict[str, Any] | str, settings: ModuleSettings = SETTINGS) -> list[str]:
    """What is found when S3 answers HeadBucket and GetBucketEncryption so: a result, or an error's code."""
    s3 = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(s3) as stub:
        for method, answer in zip(("head_bucket", "get_bucket_encryption"), answers, strict=False):
            if isinstance(answer, str):
                stub.add_client_error(method, answer, expected_params={"Bucket": "shows"})
            else:
                stub.add_response(method, answer, {"Bucket": "shows"})
        found = bucket_mistakes("$.output.record", "s3://shows/a/encoder.mp4", settings, s3)
        stub.assert_no_pending_responses()
        return found


def test_a_bucket_of_the_region_with_s3s_own_key() -> None:
    assert mistakes(HERE, encryption()) == []


def test_a_bucket_that_does_not_exist() -> None:
    assert mistakes("404") == [
        '$.output.record is in the bucket "shows", which does not exist; expected one that does'
    ]


@pytest.mark.parametrize("code", ["403", "AccessDenied"])
def test_one_that_the_function_may_not_look_at_is_left_to_the_engine(code: str) -> None:
    assert mistakes(code) == []
    assert mistakes(HERE, code) == []


def test_a_bucket_of_another_region() -> None:
    (mistake,) = mistakes({"BucketRegion": "us-east-1"}, encryption())
    assert 'bucket "shows" of us-east-1; expected one of eu-west-1' in mistake


def test_a_key_that_the_machines_may_not_use() -> None:
    (mistake,) = mistakes(HERE, encryption(KEY))
    assert f"encrypts with {KEY}; expected a key that the machines may use: organist deploy" in mistake
    assert (
        mistakes(
            HERE, encryption(KEY), settings=ModuleSettings("", ("shows",), "eu-west-1", media_keys=(KEY,))
        )
        == []
    )
    assert mistakes(HERE, encryption("alias/aws/s3")) == []


def test_any_other_refusal_is_no_mistake_of_the_document() -> None:
    with pytest.raises(ClientError):
        mistakes("SlowDown")
