"""Where a module's tarball is that npm does not have: the source that a deployment names.

``https://…`` is the base URL of an npm registry; ``s3://bucket/prefix`` holds tarballs as ``npm pack`` names
them.
"""

from typing import TYPE_CHECKING

from lambdas.modules.bucket import Bucket
from lambdas.modules.errors import ModuleSourceInvalid
from lambdas.modules.source import ModuleSource, Nowhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client


def open_module_source(setting: str, s3: "Callable[[], S3Client]") -> ModuleSource:
    """Return the source that a setting means.

    Args:
        setting: Empty, an http(s) URL or ``s3://bucket/prefix``.
        s3: Makes the client.

    Raises:
        ModuleSourceInvalid: The setting is anything else.
    """
    if not setting:
        return Nowhere()
    scheme, _, rest = setting.partition("://")
    if scheme in ("http", "https") and rest:
        from lambdas.modules.npm_registry import Registry  # noqa: PLC0415 - few cold starts need what it loads

        return Registry(setting)
    if scheme == "s3" and rest:
        bucket, _, prefix = rest.partition("/")
        return Bucket(bucket, prefix.strip("/"), s3())
    raise ModuleSourceInvalid(f'The module source is "{setting}"; expected https://… or s3://bucket/prefix.')
