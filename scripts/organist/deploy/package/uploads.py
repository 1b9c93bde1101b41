"""What a deployment puts into its bucket: each thing under a key made of its contents, once."""

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from organist.deploy.options.deployment_options import DeploymentRefused

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "organist/"
DIGEST_CHARACTERS = 32
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "Forbidden"})
NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})

# Exactly what ``put`` writes: nothing else in the bucket is ours.
_OWN_KEY = re.compile(rf"{FOLDER}[A-Za-z-]+-[0-9a-f]{{{DIGEST_CHARACTERS}}}\.(zip|json)")


class Uploads:
    """A bucket's folder ``organist/``.

    Args:
        print_line: Takes a line for the person.
    """

    def __init__(self, s3: "S3Client", bucket: str, print_line: Callable[[str], None]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._print_line = print_line

    def put(self, name: str, suffix: str, body: bytes) -> str:
        """Upload ``body`` unless the bucket has it; return its key, ``organist/<name>-<digest><suffix>``.

        Raises:
            DeploymentRefused: We may not write there.
        """
        key = f"{FOLDER}{name}-{digest(body)}{suffix}"
        if self._has(key):
            self._print_line(f"{key}: there already")
            return key
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        except ClientError as error:
            if error_code(error) not in DENIED:
                raise
            raise DeploymentRefused(
                f"You may not write to the bucket {self._bucket} (s3:PutObject below {FOLDER}). Ask its "
                "owner, or name another bucket. No stack was made or changed."
            ) from error
        self._print_line(f"{key}: uploaded, {len(body):,} bytes")
        return key

    def url(self, key: str) -> str:
        """Return the address that CloudFormation reads a template from."""
        return f"{self._s3.meta.endpoint_url}/{self._bucket}/{key}"

    def own_keys(self) -> list[str]:
        """Return the keys of everything that deployments have put into the bucket."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=FOLDER)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return [key for key in keys if _OWN_KEY.fullmatch(key)]

    def remove(self, keys: list[str]) -> None:
        """Remove keys of ``own_keys``."""
        for key in keys:
            self._s3.delete_object(Bucket=self._bucket, Key=key)

    def _has(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            # Without s3:ListBucket, S3 says "forbidden" of what is not there.
            if error_code(error) in NOT_THERE | DENIED:
                return False
            raise
        return True


def digest(body: bytes) -> str:
    """Return the part of a key that stands for the contents: the first half of their SHA-256."""
    return hashlib.sha256(body).hexdigest()[:DIGEST_CHARACTERS]
