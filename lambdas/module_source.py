"""Where a module's tarball is that npm does not have: the source that a deployment names.

``https://…`` is the base URL of an npm registry; ``s3://bucket/prefix`` holds tarballs as ``npm pack`` names
them.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from lambdas.aws_errors import error_code
from lambdas.module_source_errors import ModuleSourceInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

PRESIGNED_SECONDS = 3600  # longer than any set-up takes
_VERSION = r"(\d+)\.(\d+)\.(\d+)"


@dataclass(frozen=True)
class Tarball:
    """A module's packed file: its version, and the URL where a machine fetches it."""

    version: str
    url: str


class ModuleSource(Protocol):
    """Something that may have a module."""

    def find(self, name: str, version: str | None) -> Tarball | None:
        """Give a module's tarball in a version, the newest when it is None; None if it is not there."""


class Nowhere:
    """The source of a deployment that names none."""

    def find(self, name: str, version: str | None) -> Tarball | None:  # noqa: ARG002 - the protocol's
        """Give None."""
        return None

    def __str__(self) -> str:
        """Say so."""
        return "no module source (the deployment's ModuleSource is empty)"


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
        """Name it."""
        return f"s3://{self._bucket}/{self._prefix}"


def open_module_source(setting: str, s3: "Callable[[], S3Client]") -> ModuleSource:
    """Give the source that a setting means.

    Parameters: ``setting``, empty, an http(s) URL or ``s3://bucket/prefix``; ``s3`` makes the client.
    Raises: ``ModuleSourceInvalid`` for anything else.
    """
    if not setting:
        return Nowhere()
    scheme, _, rest = setting.partition("://")
    if scheme in ("http", "https") and rest:
        from lambdas.npm_registry import Registry  # noqa: PLC0415 - few cold starts need what it loads

        return Registry(setting)
    if scheme == "s3" and rest:
        bucket, _, prefix = rest.partition("/")
        return Bucket(bucket, prefix.strip("/"), s3())
    raise ModuleSourceInvalid(f'The module source is "{setting}"; expected https://… or s3://bucket/prefix.')
