"""A stack behind whose distribution productions publish: in a bucket of its own, or in one that there is."""

import json
from collections.abc import Callable

import pytest

from organist.account.aws_account import Account
from organist.account.deployed_stack import describe_stack, stack_outputs
from organist.deploy.options.deployment_options import DeploymentRefused
from tests.deploy.account_contents import everything
from tests.deploy.conftest import BUCKET, Ran
from tests.deploy.test_deploy_and_destroy import environment_of

Run = Callable[..., Ran]


def test_a_bucket_of_the_stacks_own_stays_with_what_was_published(
    account: Account, deploy: Run, destroy: Run, stack: str
) -> None:
    before = everything(account)
    made = deploy(stack=stack, publish="own")
    assert made.code == 0, made.text
    outputs = stack_outputs(describe_stack(account, stack) or {})
    bucket, domain = outputs["PublishBucketName"], outputs["PublishDomain"]
    assert domain.endswith(".cloudfront.net")
    told = environment_of(account, "validateInput")
    assert (told["PUBLISH_BUCKET"], told["PUBLISH_DOMAIN"]) == (bucket, domain)
    policy = json.loads(account.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert statement["Condition"]["StringEquals"]["AWS:SourceArn"] == outputs["PublishDistributionArn"]
    assert statement["Resource"] == f"arn:aws:s3:::{bucket}/*"
    assert "once its bucket policy has this statement" not in made.text

    account.s3.put_object(Bucket=bucket, Key="live/ab12cd34/index.m3u8", Body=b"#EXTM3U")
    gone = destroy(stack, remove_uploads=True)
    assert gone.code == 0, gone.text
    assert f"Stays: the bucket {bucket} with what was published" in " ".join(gone.text.split())
    assert everything(account) - before == {f"s3 {bucket}"}
    account.s3.delete_object(Bucket=bucket, Key="live/ab12cd34/index.m3u8")
    account.s3.delete_bucket(Bucket=bucket)


def test_the_owner_of_a_bucket_is_told_what_its_policy_needs(
    account: Account, deploy: Run, destroy: Run, stack: str
) -> None:
    before = everything(account)
    made = deploy(stack=stack, publish=BUCKET)
    assert made.code == 0, made.text
    arn = stack_outputs(describe_stack(account, stack) or {})["PublishDistributionArn"]
    text = "".join(made.text.split())
    assert (
        f'"Resource":"arn:aws:s3:::{BUCKET}/*","Condition":{{"StringEquals":{{"AWS:SourceArn":"{arn}"' in text
    )
    assert environment_of(account, "validateInput")["PUBLISH_BUCKET"] == BUCKET
    taken_back = deploy(stack=stack, publish="")
    assert taken_back.code == 0, taken_back.text
    assert environment_of(account, "validateInput")["PUBLISH_DOMAIN"] == ""
    assert destroy(stack, remove_uploads=True).code == 0
    assert everything(account) == before


def test_what_is_no_bucket_is_refused(deploy: Run, stack: str) -> None:
    with pytest.raises(DeploymentRefused, match=r"--publish is .*expected own for a bucket of the stack's"):
        deploy(stack=stack, publish="s3://web")
