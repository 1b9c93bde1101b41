"""The bucket that productions publish in: what its owner has to allow, and what stays of it."""

import json
from collections.abc import Iterator, Mapping

from organist.deploy.options.deployment_options import OWN_BUCKET


def policy_lines(parameter: str, outputs: Mapping[str, str]) -> Iterator[str]:
    """Yield what to add to the policy of a bucket that is not the stack's own; nothing for one that is.

    Args:
        parameter: The stack's Publish.
        outputs: The stack's.
    """
    if parameter in ("", OWN_BUCKET) or "PublishDistributionArn" not in outputs:
        return
    yield f"CloudFront reads {parameter} once its bucket policy has this statement:"
    yield json.dumps(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{parameter}/*",
            "Condition": {"StringEquals": {"AWS:SourceArn": outputs["PublishDistributionArn"]}},
        }
    )


def what_stays(outputs: Mapping[str, str]) -> Iterator[str]:
    """Yield what a destroyed stack leaves of what was published."""
    if bucket := outputs.get("PublishBucketName"):
        yield (
            f"Stays: the bucket {bucket} with what was published, which costs its storage. "
            f"`aws s3 rb --force s3://{bucket}` removes both."
        )
