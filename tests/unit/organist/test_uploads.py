"""What a deployment puts into its bucket: by its contents, once; nothing else is touched."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from organist.account.aws_account import Account
from organist.deploy.options.deployment_options import DeploymentRefused
from organist.deploy.package.uploads import Uploads

BUCKET = "my-bucket"


@pytest.fixture
def message() -> list[str]:
    return []


@pytest.fixture
def uploads(moto_account: Account, message: list[str]) -> Uploads:
    place: Any = {"LocationConstraint": "eu-west-1"}
    moto_account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    return Uploads(moto_account.s3, BUCKET, message.append)


def test_the_same_contents_are_uploaded_once(uploads: Uploads, message: list[str]) -> None:
    first = uploads.put("lambda", ".zip", b"code")
    assert uploads.put("lambda", ".zip", b"code") == first
    assert uploads.put("lambda", ".zip", b"other code") != first
    assert [line.split(": ")[1].split(",")[0] for line in message] == [
        "uploaded",
        "there already",
        "uploaded",
    ]


def test_only_own_keys_are_removed(uploads: Uploads, moto_account: Account) -> None:
    mine = uploads.put("node-red-image", ".zip", b"source")
    for key in ("organist/holiday.zip", "organist/lambda-notes.json", "lambda-" + "0" * 32 + ".zip"):
        moto_account.s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    assert uploads.own_keys() == [mine]
    uploads.remove(uploads.own_keys())
    assert moto_account.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 3


def test_a_bucket_that_may_not_be_written(stubs: Callable[[str], tuple[Any, Stubber]]) -> None:
    s3, stubber = stubs("s3")
    # Without s3:ListBucket even the look is forbidden.
    stubber.add_client_error("head_object", "403", http_status_code=403)
    stubber.add_client_error("put_object", "AccessDenied", http_status_code=403)
    with pytest.raises(DeploymentRefused, match=r"may not write to the bucket my-bucket.*No stack was made"):
        Uploads(s3, BUCKET, print).put("lambda", ".zip", b"code")


def test_the_address_of_a_template(uploads: Uploads) -> None:
    assert uploads.url("organist/template.json") == (
        "https://s3.eu-west-1.amazonaws.com/my-bucket/organist/template.json"
    )
