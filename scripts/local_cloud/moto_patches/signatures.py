"""Whose access key a request is signed with."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlparse

_SIGNER = re.compile(r"Credential=([^/]+)/")


def signer(headers: Mapping[str, str], url: str) -> str:
    """Return the access key of a signed request, or of a presigned URL; "" for one that nobody signed."""
    found = _SIGNER.search(headers.get("Authorization", ""))
    if found:
        return found[1]
    query = parse_qs(urlparse(url).query)
    return str(query.get("X-Amz-Credential", [""])[0]).split("/")[0]
