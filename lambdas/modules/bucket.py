"""A bucket of tarballs as the source of modules."""

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code
from lambdas.modules.source import Tarball

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PRESIGNED_SECONDS = 3600  # longer than any set-up takes
_VERSION = r"(\d+)\.(\d+)\.(\d+)"


class Bucket:
    """Tarballs below a prefix of an S3 bucket, each given out as a URL signed for this call."""

    def __init__(self, bucket: str, prefix: str, s3: "S3Client") -> None:
        """Take the bucket, the prefix without slashes at its ends, and the client."""
        self._bucket, self._prefix, self._s3 = bucket, prefix, s3

    def find(self, name: str, version: str | None) -> Tarball | None:
        """Look for ``<prefix>/<name>-<version>.tgz``."""
        known = version or self._newest(name)
        if known is None:
            return None
        key = f"{self._start(name)}{known}.tgz"
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        url = self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=PRESIGNED_SECONDS
        )
        return Tarball(known, url)

    def _newest(self, name: str) -> str | None:
        pattern = re.compile(re.escape(self._start(name)) + _VERSION + r"\.tgz")
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._start(name)
        )
        keys = (found["Key"] for page in pages for found in page.get("Contents", []))
        versions = [tuple(map(int, match.groups())) for key in keys if (match := pattern.fullmatch(key))]
        return ".".join(map(str, max(versions))) if versions else None

    def _start(self, name: str) -> str:
        # npm pack writes @scope/name as scope-name.
        file = f"{name.removeprefix('@').replace('/', '-')}-"
        return f"{self._prefix}/{file}" if self._prefix else file

    def __str__(self) -> str:
        """Return the place as a person writes it."""
        return f"s3://{self._bucket}/{self._prefix}"
